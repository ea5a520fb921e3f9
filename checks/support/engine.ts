/** What the Docker engine says; through its client, so that DOCKER_HOST and contexts are respected. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

export async function docker(...args: string[]): Promise<string> {
  const { stdout } = await run("docker", args, { maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

export interface ContainerInfo {
  Name: string;
  Config: { Hostname: string; Env: string[]; Labels: Record<string, string>; User: string };
  State: { Running: boolean; Status: string; ExitCode: number; Health?: { Status: string } };
  HostConfig: { CapDrop: string[] | null; SecurityOpt: string[] | null; Memory: number; Privileged: boolean };
  NetworkSettings: { Networks: Record<string, { IPAddress: string; NetworkID: string }> };
}

export async function inspect(container: string): Promise<ContainerInfo> {
  const [info] = JSON.parse(await docker("inspect", "--type", "container", container));
  return info;
}

/** Names of all containers of a stack, stopped ones included. */
export async function containersOf(stackName: string): Promise<string[]> {
  const names = await docker("ps", "-a", "--filter", `label=mcp.stack=${stackName}`, "--format", "{{.Names}}");
  return names.split("\n").filter(Boolean).sort();
}

/** Container of a host of the network: their names differ by the stack's prefix. */
export async function containerOfHost(stackName: string, host: string): Promise<string> {
  for (const name of await containersOf(stackName)) {
    if ((await inspect(name)).Config.Hostname === host) return name;
  }
  throw new Error(`stack ${stackName} has no container with the host name ${host}`);
}

const addresses = new Map<string, string>();

/** Address of a container on the stack's network: how to reach what the stack does not publish. */
export async function containerAddress(container: string, network: string): Promise<string> {
  const known = addresses.get(container);
  if (known) return known;
  const address = (await inspect(container)).NetworkSettings.Networks[network]?.IPAddress;
  if (!address) throw new Error(`container ${container} has no address on network ${network}`);
  addresses.set(container, address);
  return address;
}

/** A restarted container may come back under another address. */
export function forgetAddresses(): void {
  addresses.clear();
}
