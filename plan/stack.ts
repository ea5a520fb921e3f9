/** The way from settings and catalogue to a stack's plan. */
import type { Catalog } from "../contract/catalog.ts";
import { SettingsError, type Settings } from "../contract/settings.ts";
import { agentSpecs } from "./agent.ts";
import * as checks from "./checks.ts";
import { accessSpec, hubSpecs } from "./coordination.ts";
import { baseBuilds, type Dockerfiles } from "./node-image.ts";
import { serverSpecs } from "./server.ts";
import type { Build, ConfigFile, ServiceSpec } from "./service-spec.ts";

export interface PlanInput {
  settings: Settings;
  catalog: Catalog;
  /** Specs of the stores, the chain and the edge. */
  infrastructure: readonly ServiceSpec[];
  /** Address book of the chain's market; null where it has none, and then servers that want it are left out. */
  market: ConfigFile | null;
  dockerfiles: Dockerfiles;
  /** Absolute path of what `mcp:workspace` names; null for none. */
  workspace: string | null;
  /** Architecture of the engine, as Node names it. */
  arch: string;
}

export interface StackPlan {
  /** In an order in which every dependency precedes what needs it. */
  services: ServiceSpec[];
  /** Names without the stack's prefix, sorted. */
  volumes: string[];
  /** Bases first. */
  images: Build[];
}

/** @throws {SettingsError} listing everything that is wrong with the stack as a whole */
export function planStack(input: PlanInput): StackPlan {
  const { settings, catalog, dockerfiles, market, workspace } = input;
  const enabled = <E extends { enabled: boolean }>(entries: Record<string, E>): [string, E][] =>
    Object.entries(entries).filter(([, entry]) => entry.enabled).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const all = normalise([
    ...input.infrastructure,
    accessSpec(settings, dockerfiles),
    ...hubSpecs(settings, dockerfiles),
    ...enabled(catalog.servers).flatMap(([name, entry]) => serverSpecs(settings, name, entry, { dockerfiles, market, workspace })),
    ...enabled(catalog.agents).flatMap(([, entry]) => agentSpecs(settings, entry, dockerfiles, workspace)),
  ]);
  const services = all
    .filter((spec) => !settings.disabled.includes(checks.serviceName(spec)))
    .map((spec) => override(settings, spec));

  const problems = [
    ...checks.checkNames(settings, catalog, all),
    ...checks.checkServerPorts(catalog),
    ...checks.checkServerNames(catalog),
    ...checks.checkAgentPorts(settings, catalog),
    ...checks.checkHubs(settings),
    ...checks.checkUnique(services),
    ...checks.checkHostPorts(services),
    ...checks.checkDependencies(services, settings.disabled),
    ...checks.checkCycles(services),
    ...checks.checkVolumes(services),
    ...checks.checkCpus(services),
    ...checks.checkCapacity(settings, services),
  ];
  if (problems.length > 0) throw new SettingsError(problems);

  return {
    services: inOrder(services),
    volumes: [...new Set(services.flatMap((spec) => spec.volumes.map(({ volume }) => volume)))].toSorted(),
    images: images(services, baseBuilds(input.arch)),
  };
}

/** Dependencies may be given as hosts, which is what a catalogue entry knows. */
function normalise(specs: ServiceSpec[]): ServiceSpec[] {
  const byHost = new Map(specs.map((spec) => [spec.host, spec.name]));
  const names = new Set(specs.map((spec) => spec.name));
  return specs.map((spec) => ({
    ...spec,
    dependsOn: [...new Set(spec.dependsOn.map((name) => (names.has(name) ? name : byHost.get(name) ?? name)))],
  }));
}

function override(settings: Settings, spec: ServiceSpec): ServiceSpec {
  const name = checks.serviceName(spec);
  const reference = settings.images[name];
  const { memoryMiB = spec.resources.memoryMiB, cpus = spec.resources.cpus } = settings.resources[name] ?? {};
  return { ...spec, image: reference === undefined ? spec.image : { reference }, resources: { memoryMiB, cpus } };
}

function inOrder(specs: readonly ServiceSpec[]): ServiceSpec[] {
  const byName = new Map(specs.map((spec) => [spec.name, spec]));
  const placed = new Set<ServiceSpec>();
  const place = (spec: ServiceSpec): void => {
    if (placed.has(spec)) return;
    for (const name of spec.dependsOn) place(byName.get(name)!);
    placed.add(spec);
  };
  specs.forEach(place);
  return [...placed];
}

/** Every image that is built, once, with the bases it starts from. */
function images(specs: readonly ServiceSpec[], bases: Record<string, Build>): Build[] {
  const builds = new Map<string, Build>();
  const add = (build: Build): void => {
    for (const name of build.bases) add(bases[name]!);
    builds.set(build.name, build);
  };
  for (const { image } of specs) if ("build" in image) add(image.build);
  return [...builds.values()];
}
