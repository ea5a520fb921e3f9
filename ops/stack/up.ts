/** Deploys a stack: what `up`, `scale` and the tests share. */
import type { Context } from "../cli/verb.ts";
import { preflight } from "../preflight/preflight.ts";
import { provideAll } from "../prerequisites/index.ts";
import { findDrift, repair, waitForOthers } from "../repair/repair.ts";
import { deploy } from "./deployment.ts";
import { summary } from "./engine-events.ts";
import { allOutputs } from "./outputs.ts";
import { planOf, wantedBy } from "./plan.ts";
import { waitUntilRegistered } from "./registration.ts";
import { openStack, type Stack } from "./stack.ts";
import { assertStack, syncWorkingCopy } from "./working-copy.ts";

export interface UpOptions {
  /** Once everything is checked and repaired, right before Pulumi. */
  beforeDeploy?(stack: Stack): Promise<void>;
}

export async function up(context: Context, { beforeDeploy }: UpOptions = {}): Promise<number> {
  const begun = Date.now();
  const { host, paths, ui, stack: name } = context;
  assertStack(paths, name);
  const planned = planOf(paths, name, (syncWorkingCopy(paths, name).config ?? {}) as Record<string, unknown>);
  await provideAll(context);
  const stack = await openStack(context);
  await waitForOthers(stack);
  await preflight(stack, wantedBy(planned));
  await repair(stack);
  await beforeDeploy?.(stack);
  ui.say(`Deploying stack ${name}: ${planned.plan.services.length} services`);
  const drift = await findDrift(stack);
  if (drift.length > 0) ui.say(`Changed by other hands: ${drift.join(", ")}`);
  const { changes } = await deploy(stack, "up", drift.length > 0 ? [] : ["--refresh=false"]);
  const outputs = await allOutputs(stack);
  const count = await waitUntilRegistered(outputs, host, ui);
  ui.say(`Stack ${name} is up: ${count} servers and agents registered, ${summary(changes ?? {})} (${Math.round((Date.now() - begun) / 1000)} s)`);
  ui.say(`The edge is at ${outputs.endpoints.edge?.url ?? "no published port"}; "./mcp outputs --stack ${name}" lists all.`);
  return 0;
}
