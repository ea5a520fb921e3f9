/** What the Docker engine has, by our labels; asked through Docker's client, so DOCKER_HOST and contexts count. */
import { FOLDER_LABEL, SERVICE_LABEL, STACK_LABEL } from "../../contract/labels.ts";
import { failed } from "./failure.ts";
import type { Host } from "./host.ts";
import { lastLines, run } from "./processes.ts";

export interface EngineContainer {
  id: string;
  name: string;
  state: string;
  /** Docker's own words, as in `Up 3 minutes (healthy)`. */
  status: string;
  labels: Record<string, string>;
  image: string;
  ports: { ip: string; port: number; protocol: string }[];
}

export interface EngineNetwork {
  id: string;
  name: string;
  subnets: string[];
  bridge: string | null;
  labels: Record<string, string>;
}

/** @throws {Failure} with exit code 1 when the engine refuses or went away */
export async function docker(host: Host, args: readonly string[]): Promise<string> {
  const result = await run("docker", args, { env: host.env });
  if (result.code !== 0) throw failed(`docker ${args[0]} failed: ${lastLines(result.stderr, 2)}`);
  return result.stdout;
}

/** All containers of the engine, running or not. */
export async function containers(host: Host, ...filters: string[]): Promise<EngineContainer[]> {
  const ids = (await docker(host, ["ps", "-aq", "--no-trunc", ...filters.flatMap((filter) => ["--filter", filter])])).split("\n").filter(Boolean);
  if (ids.length === 0) return [];
  // One may vanish between the two calls: what is left is reported all the same.
  const inspected = await run("docker", ["container", "inspect", ...ids], { env: host.env });
  const statuses = new Map((await docker(host, ["ps", "-a", "--no-trunc", "--format", "{{.ID}}\t{{.Status}}"]))
    .split("\n").map((line) => line.split("\t") as [string, string]));
  return (JSON.parse(inspected.stdout || "[]") as InspectedContainer[]).map((found) => ({
    id: found.Id,
    name: found.Name.slice(1),
    state: found.State.Status,
    status: statuses.get(found.Id) ?? found.State.Status,
    labels: found.Config.Labels ?? {},
    image: found.Config.Image,
    ports: portBindings(found),
  }));
}

export async function networks(host: Host, ...filters: string[]): Promise<EngineNetwork[]> {
  const ids = (await docker(host, ["network", "ls", "-q", "--no-trunc", ...filters.flatMap((filter) => ["--filter", filter])])).split("\n").filter(Boolean);
  if (ids.length === 0) return [];
  const inspected = await run("docker", ["network", "inspect", ...ids], { env: host.env });
  return (JSON.parse(inspected.stdout || "[]") as InspectedNetwork[]).map((found) => ({
    id: found.Id,
    name: found.Name,
    subnets: (found.IPAM?.Config ?? []).flatMap((config) => (config.Subnet ? [config.Subnet] : [])),
    bridge: found.Options?.["com.docker.network.bridge.name"] ?? (found.Driver === "bridge" ? (found.Name === "bridge" ? "docker0" : `br-${found.Id.slice(0, 12)}`) : null),
    labels: found.Labels ?? {},
  }));
}

/** Names of volumes of a stack. */
export async function volumes(host: Host, stack: string): Promise<string[]> {
  return (await docker(host, ["volume", "ls", "-q", "--filter", `label=${STACK_LABEL}=${stack}`])).split("\n").filter(Boolean);
}

export const ofStack = (stack: string): string => `label=${STACK_LABEL}=${stack}`;
export const folderOf = (thing: { labels: Record<string, string> }): string | undefined => thing.labels[FOLDER_LABEL];
export const serviceOf = (container: EngineContainer): string => container.labels[SERVICE_LABEL] ?? container.name;

interface InspectedContainer {
  Id: string;
  Name: string;
  State: { Status: string };
  Config: { Labels: Record<string, string> | null; Image: string };
  HostConfig: { PortBindings: Record<string, { HostIp: string; HostPort: string }[] | null> | null };
}
interface InspectedNetwork {
  Id: string;
  Name: string;
  Driver: string;
  IPAM: { Config: { Subnet?: string }[] | null } | null;
  Options: Record<string, string> | null;
  Labels: Record<string, string> | null;
}

function portBindings(found: InspectedContainer): EngineContainer["ports"] {
  return Object.entries(found.HostConfig.PortBindings ?? {}).flatMap(([inside, bindings]) =>
    (bindings ?? []).map((binding) => ({ ip: binding.HostIp || "0.0.0.0", port: Number(binding.HostPort), protocol: inside.split("/")[1] ?? "tcp" })));
}
