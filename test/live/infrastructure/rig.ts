/** What the live tests of the infrastructure share: the specs of a stack with default settings. */
import { join } from "node:path";
import { parseSettings, type Settings } from "../../../contract/settings.ts";
import { infrastructureSpecs } from "../../../plan/infrastructure/index.ts";
import { readInfrastructureConfigs } from "../../../plan/read-sources.ts";
import type { ServiceSpec } from "../../../plan/service-spec.ts";
import { SpecRunner } from "../support/run-spec.ts";

const ROOT = join(import.meta.dirname, "../../..");

export const newRunner = (): SpecRunner => new SpecRunner({ prefix: "infra-test-" });

export function specs(settings: Record<string, unknown> = {}): (name: string) => ServiceSpec {
  const parsed: Settings = parseSettings(settings);
  const all = infrastructureSpecs(parsed, readInfrastructureConfigs(ROOT));
  return (name) => all.find((spec) => spec.name === name)!;
}
