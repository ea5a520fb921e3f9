/** Asks the engine what {@link drifted} wants to know. */
import { docker } from "../system/engine.ts";
import type { Host } from "../system/host.ts";
import { run } from "../system/processes.ts";
import type { ContainerFacts, EngineFacts } from "./drift.ts";

interface Inspected {
  Id: string;
  State: { Running: boolean };
  HostConfig: { Memory: number; MemorySwap: number; NanoCpus: number; RestartPolicy: { Name: string } };
  NetworkSettings: { Networks: Record<string, unknown> };
}

/** @param ids of the containers that matter; those that are gone are left out of the answer */
export async function engineFacts(host: Host, ids: readonly string[]): Promise<EngineFacts> {
  const lines = async (...args: string[]): Promise<string[]> => (await docker(host, args)).split("\n").filter(Boolean);
  const [containers, networks, volumes, images] = await Promise.all([
    inspect(host, ids),
    lines("network", "ls", "-q", "--no-trunc"),
    lines("volume", "ls", "-q"),
    lines("image", "ls", "--no-trunc", "--format", "{{.Repository}}:{{.Tag}} {{.ID}}"),
  ]);
  return {
    containers,
    networks: new Set(networks),
    volumes: new Set(volumes),
    images: new Map(images.map((line) => line.split(" ") as [string, string])),
  };
}

async function inspect(host: Host, ids: readonly string[]): Promise<Map<string, ContainerFacts>> {
  if (ids.length === 0) return new Map();
  // Fails where one is gone, and tells of the others all the same.
  const { stdout } = await run("docker", ["container", "inspect", ...ids], { env: host.env });
  return new Map((JSON.parse(stdout || "[]") as Inspected[]).map(({ Id, State, HostConfig, NetworkSettings }) => [Id, {
    running: State.Running,
    memory: HostConfig.Memory,
    memorySwap: HostConfig.MemorySwap,
    nanoCpus: HostConfig.NanoCpus,
    restart: HostConfig.RestartPolicy.Name,
    networks: Object.keys(NetworkSettings.Networks),
  }]));
}
