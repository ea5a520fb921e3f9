/** A stack that is ready to be worked on: tools found, environment set, working copy up to date, initialised. */
import { join } from "node:path";
import type { Context } from "../cli/verb.ts";
import type { Ui } from "../cli/ui.ts";
import { removeBrokenAttributes } from "../repair/attributes.ts";
import { providePulumi } from "../prerequisites/pulumi.ts";
import { failed } from "../system/failure.ts";
import type { Host } from "../system/host.ts";
import type { Paths } from "../system/paths.ts";
import { hand, lastLines, run, type Environment, type Finished } from "../system/processes.ts";
import { ownBackend, pulumiVariables } from "./environment.ts";
import { assertStack, dropSalt, syncWorkingCopy } from "./working-copy.ts";
import { parseCheckpoint, readState, stateFiles, type State } from "./state-files.ts";

export interface Stack {
  name: string;
  host: Host;
  paths: Paths;
  ui: Ui;
  /** Pulumi's own program, not the shim. */
  program: string;
  /** Complete environment for it. */
  env: Environment;
  /** The working copy: what is configured, secrets encrypted. */
  config: Record<string, unknown>;
}

/** @throws {Failure} for an unknown stack, a broken stack file, a missing prerequisite or a lost passphrase */
export async function openStack(context: Context): Promise<Stack> {
  const { host, paths, ui, stack: name } = context;
  assertStack(paths, name);
  const config = syncWorkingCopy(paths, name).config ?? {};
  const tools = await providePulumi(context);
  if (ownBackend(paths, host.env) && removeBrokenAttributes(paths) > 0) ui.say("Repair: removed side files of the state that a killed Pulumi left empty");
  const env = { ...host.env, ...pulumiVariables(paths, host.env, tools) };
  const stack: Stack = { name, host, paths, ui, program: join(tools.bin, "pulumi"), env, config: config as Record<string, unknown> };
  await initialise(stack);
  return stack;
}

/** `stack init` where it was not done yet. */
export async function initialise(stack: Stack): Promise<void> {
  if (ownBackend(stack.paths, stack.host.env)) {
    if (stateFiles(stack.paths).some((entry) => entry.stack === stack.name)) return;
  } else {
    const known = await pulumi(stack, ["stack", "ls", "--json"]);
    const names = (JSON.parse(known.stdout) as { name: string }[]).map(({ name }) => name.split("/").at(-1));
    if (names.includes(stack.name)) return;
  }
  const init = ["stack", "init", stack.name, "--no-select"];
  let made = await tryPulumi(stack, init);
  if (/incorrect passphrase/.test(made.stderr)) {
    dropSalt(stack.paths, stack.name);
    made = await tryPulumi(stack, init);
  }
  // Another command may have been faster.
  if (made.code !== 0 && !/already exists/.test(made.stderr)) {
    throw failed(`stack ${stack.name} could not be initialised: ${lastLines(made.stderr, 3)}`);
  }
}

export function tryPulumi(stack: Stack, args: readonly string[], input?: string): Promise<Finished> {
  return run(stack.program, [...args, "--non-interactive", "--color", "never"], { env: stack.env, cwd: stack.paths.root, ...(input === undefined ? {} : { input }) });
}

/** Runs a short Pulumi command. @throws {Failure} with exit code 1 and what Pulumi said */
export async function pulumi(stack: Stack, args: readonly string[], input?: string): Promise<Finished> {
  const result = await tryPulumi(stack, args, input);
  if (result.code !== 0) throw failed(`pulumi ${args.join(" ")} failed: ${lastLines(result.stderr || result.stdout, 5)}`);
  return result;
}

/** Pulumi with the caller's terminal; its exit code. */
export function handToPulumi(stack: Stack, args: readonly string[]): Promise<number> {
  return hand(stack.program, args, { env: stack.env, cwd: stack.paths.root });
}

/** What Pulumi believes to exist. */
export async function stateOf(stack: Stack): Promise<State> {
  if (ownBackend(stack.paths, stack.host.env)) return readState(stack.paths, stack.name) ?? { resources: [], pending: [] };
  const exported = JSON.parse((await pulumi(stack, ["stack", "export", "--stack", stack.name])).stdout) as { deployment: unknown };
  return parseCheckpoint(JSON.stringify({ checkpoint: { latest: exported.deployment } }));
}
