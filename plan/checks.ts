/** The plan as a whole, before any resource exists: each function answers with one line a problem. */
import type { Catalog } from "../contract/catalog.ts";
import { AGENT_PORTS, FIRST_CUSTOM_AGENT_PORT, PORTS_PER_CATEGORY, SERVER_CATEGORIES } from "../contract/services.ts";
import { parseSubnet, type Settings } from "../contract/settings.ts";
import { agentPorts } from "./agent.ts";
import { cpuText } from "./canonical.ts";
import { agentFile, serverFile } from "./catalog.ts";
import { HUB_SERVICE } from "./coordination.ts";
import type { ServiceSpec } from "./service-spec.ts";

const LAST_PORT = 65_535;
/** Addresses of a subnet that containers cannot have: network, gateway, broadcast. */
const RESERVED_ADDRESSES = 3;

/** Catalogue name of a spec, as used in `mcp:images`, `mcp:resources` and `mcp:disabled`. */
export const serviceName = (spec: ServiceSpec): string => spec.instance?.of ?? spec.name;

/** Names in the settings that nothing has. */
export function checkNames(settings: Settings, catalog: Catalog, specs: readonly ServiceSpec[]): string[] {
  const scalable = [...Object.keys(catalog.servers), ...Object.keys(catalog.agents), HUB_SERVICE].toSorted();
  const all = [...new Set([...specs.map(serviceName), ...scalable])].toSorted();
  const unknown = (key: string, names: readonly string[], known: readonly string[]): string[] =>
    names.filter((name) => !known.includes(name)).map((name) => `mcp:${key}: unknown name, allowed: ${known.join(", ")}`.replace(`mcp:${key}`, `mcp:${key}.${name}`));
  return [
    ...unknown("replicas", Object.keys(settings.replicas), scalable),
    ...unknown("images", Object.keys(settings.images), all),
    ...unknown("resources", Object.keys(settings.resources), all),
    ...unknown("disabled", settings.disabled, all),
  ];
}

/** One dispatches, one stands by: more would only wait. */
const MOST_HUBS = 2;

export function checkHubs({ replicas }: Settings): string[] {
  const wanted = replicas[HUB_SERVICE] ?? 1;
  return wanted <= MOST_HUBS ? [] : [`mcp:replicas.${HUB_SERVICE}: found ${wanted}, allowed: 1 or ${MOST_HUBS}, one that dispatches and one that takes over`];
}

/** Server ports inside their category's decade. */
export function checkServerPorts(catalog: Catalog): string[] {
  return Object.entries(catalog.servers).flatMap(([name, { category, port }]) => {
    const first = SERVER_CATEGORIES[category];
    const last = first + PORTS_PER_CATEGORY - 1;
    return port >= first && port <= last ? []
      : [`${serverFile(category)}: servers.${name}.port: found ${port}, allowed: ${first} to ${last}`];
  });
}

/** `tool` registers as `tool-1`, and `tool-1` as `tool-1-1`: with both, each could write the other's keys. */
export function checkServerNames(catalog: Catalog): string[] {
  const names = Object.keys(catalog.servers);
  return names.flatMap((name) => names.filter((stem) => name.startsWith(`${stem}-`) && /^\d/.test(name.slice(stem.length + 1))).map((stem) =>
    `${serverFile(catalog.servers[name]!.category)}: servers.${name}: found a name that looks like an instance of "${stem}", allowed: one without a digit after "${stem}-"`));
}

/** Every agent type has a range of its own, and no more instances than ports. */
export function checkAgentPorts(settings: Settings, catalog: Catalog): string[] {
  const agents = Object.values(catalog.agents);
  const taken = new Map<string, readonly [number, number]>(Object.entries(AGENT_PORTS));
  return agents.flatMap((entry) => {
    const key = `${agentFile(entry.type)}: ports`;
    const shipped = (AGENT_PORTS as Record<string, readonly [number, number]>)[entry.type];
    if (shipped && entry.ports) return [`${key}: found ${entry.ports.join("-")}, allowed: nothing, the contract gives it ${shipped.join("-")}`];
    const range = agentPorts(entry);
    if (!range) return [`${key}: found nothing, allowed: a range [first, last] from ${FIRST_CUSTOM_AGENT_PORT} up`];
    const [first, last] = range;
    if (!shipped && (first < FIRST_CUSTOM_AGENT_PORT || last < first || last > LAST_PORT)) {
      return [`${key}: found ${first}-${last}, allowed: a range [first, last] from ${FIRST_CUSTOM_AGENT_PORT} up`];
    }
    const clash = [...taken].find(([type, [from, to]]) => type !== entry.type && first <= to && last >= from);
    taken.set(entry.type, range);
    if (clash) return [`${key}: ${first}-${last} overlaps ${clash[1].join("-")} of "${clash[0]}"`];
    const most = last - first + 1;
    const [source, wanted] = settings.replicas[entry.type] !== undefined
      ? [`mcp:replicas.${entry.type}`, settings.replicas[entry.type]!]
      : [`${agentFile(entry.type)}: replicas`, entry.replicas];
    return wanted <= most ? [] : [`${source}: found ${wanted}, allowed: 1 to ${most}, one for each of its ports ${first}-${last}`];
  });
}

/** Spec names, hosts and containers are unique; so is a name among servers, agents and the rest. */
export function checkUnique(specs: readonly ServiceSpec[]): string[] {
  const problems = new Set<string>();
  for (const key of ["name", "host", "container"] as const) {
    for (const [value, owners] of groupBy(specs, (spec) => spec[key])) {
      if (owners.length > 1) problems.add(`${key} "${value}" belongs to ${owners.map((spec) => `${spec.kind} "${serviceName(spec)}"`).join(" and ")}`);
    }
  }
  for (const [name, owners] of groupBy(specs, serviceName)) {
    const kinds = [...new Set(owners.map((spec) => spec.kind))];
    if (kinds.length > 1) problems.add(`name "${name}" belongs to ${kinds.map((kind) => `a service of kind ${kind}`).join(" and ")}: rename one`);
  }
  return [...problems];
}

/** Host ports exist and are wanted once. An address of all interfaces clashes with each. */
export function checkHostPorts(specs: readonly ServiceSpec[]): string[] {
  const ports = specs.flatMap((spec) => spec.ports.map((port) => ({ ...port, name: spec.name })));
  const tooHigh = ports.filter((port) => port.host > LAST_PORT).map((port) =>
    `mcp:portOffset: host port ${port.host} of "${port.name}" is beyond ${LAST_PORT}`);
  const clashes = [...groupBy(ports, (port) => String(port.host)).values()].flatMap((same) =>
    same.flatMap((a, index) => same.slice(index + 1)
      .filter((b) => a.ip === b.ip || a.ip === "0.0.0.0" || b.ip === "0.0.0.0")
      .map((b) => `host port ${a.host} (${a.ip}) is wanted by "${a.name}" and "${b.name}"`)));
  return [...tooHigh, ...clashes];
}

/** Dependencies are deployed. */
export function checkDependencies(specs: readonly ServiceSpec[], disabled: readonly string[]): string[] {
  const names = new Set(specs.map((spec) => spec.name));
  return specs.flatMap((spec) => spec.dependsOn.filter((name) => !names.has(name)).map((name) =>
    disabled.includes(name)
      ? `mcp:disabled: "${name}" is off, and "${spec.name}" needs it: switch "${serviceName(spec)}" off too, or "${name}" on`
      : `"${spec.name}" needs "${name}", which is not deployed`));
}

/** Nothing waits for itself. */
export function checkCycles(specs: readonly ServiceSpec[]): string[] {
  const byName = new Map(specs.map((spec) => [spec.name, spec]));
  const done = new Set<string>();
  const visit = (name: string, path: readonly string[]): string[] => {
    if (path.includes(name)) return [`dependencies go in a circle: ${[...path.slice(path.indexOf(name)), name].join(" → ")}`];
    if (done.has(name)) return [];
    const found = (byName.get(name)?.dependsOn ?? []).flatMap((next) => visit(next, [...path, name]));
    done.add(name);
    return found;
  };
  return specs.flatMap((spec) => visit(spec.name, [])).slice(0, 1);
}

/** Numbers of cores that the Docker provider can keep. */
export function checkCpus(specs: readonly ServiceSpec[]): string[] {
  return [...groupBy(specs, serviceName)].flatMap(([name, [spec]]) => {
    try {
      cpuText(spec!.resources.cpus);
      return [];
    } catch (error) {
      return [`cpus of "${name}", from the catalogue or mcp:resources: ${(error as Error).message}`];
    }
  });
}

/** What the containers may use together. */
export function checkCapacity(settings: Settings, specs: readonly ServiceSpec[]): string[] {
  const memory = specs.reduce((sum, spec) => sum + spec.resources.memoryMiB, 0);
  const subnet = parseSubnet(settings.network.subnet)!;
  const addresses = subnet.last - subnet.first + 1 - RESERVED_ADDRESSES;
  return [
    ...(memory > settings.memoryBudgetMiB
      ? [`mcp:memoryBudgetMiB: found ${settings.memoryBudgetMiB}, allowed: ${memory} or more, the sum of ${specs.length} limits; or fewer mcp:replicas`] : []),
    ...(specs.length > addresses
      ? [`mcp:network.subnet: found ${settings.network.subnet} with ${addresses} addresses, allowed: one for each of ${specs.length} containers`] : []),
  ];
}

/** Two volumes at one path, or one volume twice in a container. */
export function checkVolumes(specs: readonly ServiceSpec[]): string[] {
  return specs.flatMap((spec) => [...groupBy(spec.volumes, ({ path }) => path)]
    .filter(([, volumes]) => volumes.length > 1)
    .map(([path, volumes]) => `"${spec.name}" mounts ${volumes.map(({ volume }) => `"${volume}"`).join(" and ")} at ${path}`));
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  return Map.groupBy(items, key);
}
