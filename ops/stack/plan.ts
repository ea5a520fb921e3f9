/** The plan of a stack as it is configured: what is wrong with it is said before anything is changed. */
import { resolve } from "node:path";
import { parseSettings, SettingsError, type Settings } from "../../contract/settings.ts";
import { parseCatalog } from "../../plan/catalog.ts";
import { infrastructureSpecs, marketOf } from "../../plan/infrastructure/index.ts";
import { readCatalogFiles, readDockerfiles, readInfrastructureConfigs } from "../../plan/read-sources.ts";
import { planStack, type StackPlan } from "../../plan/stack.ts";
import { misused } from "../system/failure.ts";
import type { Paths } from "../system/paths.ts";
import type { Wanted } from "../preflight/preflight.ts";
import type { Value } from "./merge.ts";

const NAMESPACE = "mcp:";
/** Stands for a secret, which only Pulumi can read; of the form that both settings have which may be one. */
const HIDDEN = "https://hidden.invalid";

/** Settings by key without namespace, from the `config` of a stack file. Other programs' keys are left out. */
export function rawSettings(config: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(config).flatMap(([key, value]) =>
    key.startsWith(NAMESPACE) ? [[key.slice(NAMESPACE.length), withoutSecrets(value)]] : []));
}

/** A setting that holds several may hold a secret among them. */
function withoutSecrets(value: unknown): unknown {
  if (isSecret(value)) return HIDDEN;
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutSecrets(inner)])) : value;
}

function isSecret(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).join() === "secure";
}

export interface PlannedStack { settings: Settings; plan: StackPlan }

/** @throws {Failure} with exit code 2 naming every wrong key of the stack file or the catalogue, a line each */
export function planOf(paths: Paths, stack: string, config: Record<string, Value> | Record<string, unknown>): PlannedStack {
  try {
    const settings = parseSettings(rawSettings(config));
    const configs = readInfrastructureConfigs(paths.root);
    const plan = planStack({
      settings,
      catalog: parseCatalog(readCatalogFiles(paths.root)),
      infrastructure: infrastructureSpecs(settings, configs),
      market: marketOf(settings, configs),
      dockerfiles: readDockerfiles(paths.root),
      workspace: settings.workspace === null ? null : resolve(paths.root, settings.workspace),
      arch: process.arch,
    });
    return { settings, plan };
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    throw misused(error.problems.map((problem) => (problem.startsWith("mcp:") ? `Pulumi.${stack}.yaml: ${problem}` : problem)).join("\nmcp: "));
  }
}

/** What the plan claims on the engine's host. */
export function wantedBy({ settings, plan }: PlannedStack): Wanted {
  return {
    ports: plan.services.flatMap((spec) => spec.ports.map(({ ip, host }) => ({ ip, port: host, service: spec.name }))),
    network: settings.network,
    images: plan.images.map(({ name }) => `${settings.namePrefix}mcp/${name}`),
  };
}
