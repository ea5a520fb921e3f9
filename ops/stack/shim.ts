/**
 * What stands before Pulumi in the shell of `./mcp env`: brings the working copies of the stack files up to date and
 * initialises a stack of ours that is used for the first time, so that plain `pulumi` gives what `./mcp` gives.
 *
 * Called as `shim.ts <pulumi> <Pulumi's arguments…>`; the shim then runs Pulumi itself.
 */
import { realpathSync } from "node:fs";
import { resolve } from "node:path";
import { terminalUi } from "../cli/ui.ts";
import { Failure } from "../system/failure.ts";
import { thisHost } from "../system/host.ts";
import { pathsOf } from "../system/paths.ts";
import { stackToInitialise, workingDirectory } from "./shim-arguments.ts";
import { initialise } from "./stack.ts";
import { shippedStacks, syncWorkingCopy } from "./working-copy.ts";

async function prepare(program: string, words: readonly string[]): Promise<void> {
  const host = thisHost();
  const paths = pathsOf(host.env);
  // Other projects use the same shell, as the example that reads our outputs.
  if (realpathSync(resolve(workingDirectory(words) ?? ".")) !== realpathSync(paths.root)) return;
  const ours = shippedStacks(paths);
  for (const stack of ours) syncWorkingCopy(paths, stack);
  const name = stackToInitialise(words, host.env.PULUMI_STACK);
  if (name !== null && ours.includes(name)) {
    await initialise({ name, host, paths, ui: terminalUi(true), program, env: host.env, config: {} });
  }
}

try {
  const [program, ...words] = process.argv.slice(2);
  await prepare(program!, words);
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  console.error(`mcp: ${error.message}`);
  process.exitCode = error.exitCode;
}
