/** Everything on this machine that would make a deployment fail half-way, found before it begins. */
import { readFileSync, existsSync, statfsSync } from "node:fs";
import { STACK_LABEL } from "../../contract/labels.ts";
import { missing } from "../system/failure.ts";
import { containers, docker, folderOf, networks, type EngineContainer, type EngineNetwork } from "../system/engine.ts";
import type { Host } from "../system/host.ts";
import type { Stack } from "../stack/stack.ts";
import { clash, listeners, owners, type Listener, type Owner } from "./listeners.ts";
import { overlap, parseRoutes, type Route } from "./subnets.ts";

/** What a stack wants to have on its engine's host. */
export interface Wanted {
  ports: { ip: string; port: number; service: string }[];
  network: { name: string; subnet: string; bridge: string };
  /** Names of the images that it runs, with their prefix. */
  images: string[];
}

export interface Found {
  containers: EngineContainer[];
  networks: EngineNetwork[];
  routes: Route[];
  listeners: (Listener & { owner: Owner | null })[];
  /** Bytes free where the engine keeps images; null when that cannot be seen from here. */
  freeBytes: number | null;
  /** Images of ours that the engine has. */
  imagesBuilt: boolean;
}

const GIB = 2 ** 30;
/** All images of a stack with their build cache, measured with one of each service; afterwards room for logs and data. */
const NEEDED_FIRST_GIB = 5;
const NEEDED_LATER_GIB = 1;

/** @throws {Failure} with exit code 3, all problems at once, a line each */
export async function preflight(stack: Stack, wanted: Wanted): Promise<void> {
  const found = await look(stack.host, wanted);
  assertOnlyClone(stack, found.containers);
  const problems = [
    ...portProblems(stack.name, stack.paths.root, wanted, found),
    ...subnetProblems(stack.name, wanted, found),
    ...diskProblems(found),
  ];
  if (problems.length > 0) throw missing(problems.join("\nmcp: "));
}

/** @throws {Failure} with exit code 3 when another checkout has deployed the stack on this engine */
export function assertOnlyClone({ name, paths }: Pick<Stack, "name" | "paths">, all: readonly EngineContainer[]): void {
  const other = secondClone(name, paths.root, all, existsSync);
  if (other) throw missing(other);
}

/** What to say when another checkout runs the stack. Pure. */
export function secondClone(stack: string, root: string, all: readonly EngineContainer[], exists: (folder: string) => boolean): string | null {
  const folder = all.filter((container) => container.labels[STACK_LABEL] === stack).map(folderOf)
    .find((candidate) => candidate !== undefined && candidate !== root && exists(candidate));
  return folder === undefined ? null
    : `stack ${stack} is deployed on this engine by the checkout ${folder}: use that one, or run "./mcp down --stack ${stack}" there first.`;
}

export function portProblems(stack: string, root: string, wanted: Wanted, found: Found): string[] {
  const ours = found.containers.filter((container) => container.labels[STACK_LABEL] === stack);
  return wanted.ports.flatMap(({ ip, port, service }) => {
    const bound = (container: EngineContainer) => container.ports.some((binding) => binding.protocol === "tcp" && clash(binding, { ip, port }));
    const published = (container: EngineContainer) => container.state === "running" && bound(container);
    if (ours.some(published)) return [];
    const holder = found.containers.find(published);
    const remedy = `stop it, or "pulumi config set mcp:portOffset N" moves all ports of the stack`;
    if (holder) return [`port ${port} of ${service} is published by container ${holder.name}: ${remedy}.`];
    const listener = found.listeners.find((candidate) => clash(candidate, { ip, port }));
    if (!listener) return [];
    // An engine that has just come back holds the ports of containers that it is still starting.
    if (listener.owner?.program === "docker-proxy" && ours.some(bound)) return [];
    const who = listener.owner ? `process ${listener.owner.pid} (${listener.owner.program})` : "a process of another user";
    return [`port ${port} of ${service} is held by ${who}: ${remedy}.`];
  });
}

export function subnetProblems(stack: string, { network }: Wanted, found: Found): string[] {
  const remedy = 'set another mcp:network.subnet with "pulumi config set --path mcp:network.subnet …"';
  const isOurs = (candidate: EngineNetwork) => candidate.labels[STACK_LABEL] === stack;
  const others = found.networks.filter((candidate) => !isOurs(candidate));
  const sameName = others.filter((candidate) => candidate.name === network.name)
    .map((candidate) => `mcp:network.name: the engine has a network ${candidate.name} of somebody else: remove it ("docker network rm ${candidate.name}") or set another name.`);
  const overlapping = others.filter((candidate) => candidate.name !== network.name)
    .flatMap((candidate) => candidate.subnets.filter((subnet) => overlap(subnet, network.subnet))
      .map((subnet) => `mcp:network.subnet: ${network.subnet} overlaps ${subnet} of the Docker network ${candidate.name}: remove that network or ${remedy}.`));
  const bridges = new Set([network.bridge, ...found.networks.map((candidate) => candidate.bridge)]);
  const routed = found.routes.filter((route) => !bridges.has(route.device) && overlap(route.subnet, network.subnet))
    .map((route) => `mcp:network.subnet: ${network.subnet} overlaps ${route.subnet}, which this host reaches through ${route.device}: ${remedy}.`);
  return [...sameName, ...overlapping, ...routed];
}

export function diskProblems({ freeBytes, imagesBuilt }: Pick<Found, "freeBytes" | "imagesBuilt">): string[] {
  const needed = imagesBuilt ? NEEDED_LATER_GIB : NEEDED_FIRST_GIB;
  if (freeBytes === null || freeBytes >= needed * GIB) return [];
  return [`the engine's disk has ${(freeBytes / GIB).toFixed(1)} GiB left and ${needed} GiB are needed: free some ("docker image prune" removes unused images).`];
}

async function look(host: Host, wanted: Wanted): Promise<Found> {
  const [allContainers, allNetworks, rootFolder, images] = await Promise.all([
    containers(host), networks(host),
    docker(host, ["info", "--format", "{{.DockerRootDir}}"]),
    docker(host, ["image", "ls", "--format", "{{.Repository}}"]),
  ]);
  const local = isLocal(host);
  const repositories = new Set(images.split("\n"));
  const held = local ? listeners().filter((listener) => wanted.ports.some((port) => clash(listener, port))) : [];
  const holders = owners(new Set(held.map((listener) => listener.inode)));
  return {
    containers: allContainers,
    networks: allNetworks,
    routes: local ? parseRoutes(existsSync("/proc/net/route") ? readFileSync("/proc/net/route", "utf8") : "") : [],
    listeners: held.map((listener) => ({ ...listener, owner: holders.get(listener.inode) ?? null })),
    freeBytes: local ? freeAt(rootFolder.trim()) : null,
    imagesBuilt: wanted.images.every((image) => repositories.has(image)),
  };
}

/** Only of a local engine is this host the host. */
function isLocal(host: Host): boolean {
  return host.env.DOCKER_HOST === undefined || host.env.DOCKER_HOST.startsWith("unix://");
}

function freeAt(folder: string): number | null {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch { return null; }
}
