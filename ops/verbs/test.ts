import { closeSync, createReadStream, mkdirSync, openSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Context, Verb } from "../cli/verb.ts";
import { provideAll } from "../prerequisites/index.ts";
import { providePulumi } from "../prerequisites/pulumi.ts";
import { pulumiVariables } from "../stack/environment.ts";
import { misused } from "../system/failure.ts";
import { hand, type Environment } from "../system/processes.ts";
import { testFiles, type TestFiles } from "../testing/files.ts";
import type { RunSummary } from "../testing/reporter.ts";
import { closing, crashed, merged } from "../testing/summary.ts";

/** Processes for the fast part: one a core of the smallest machine that we care for. */
const FAST_JOBS = 2;
const FAULTS = "faults";

export const test: Verb = {
  name: "test",
  synopsis: "[faults] [--fast] [--grep TEXT]",
  summary: "Run the tests; the last line is \"N passed, N failed\"",
  details: `
First the fast part: types, import arrows, unit, program and property tests, generated files, the steps of the
pull-request workflow. Then the live part on a real engine: a stack "test" beside whatever runs there is deployed and
tried, while the services are tried one by one against stores of their own. --fast leaves the live part out. "faults" runs
the fault suite instead: the same stack under load while its parts are killed, paused and cut off, for some ten minutes. A pending test counts as failed.`,
  options: {
    fast: { type: "boolean", help: "leave the live part out" },
    grep: { type: "string", value: "TEXT", help: "only tests whose title holds the text" },
  },
  positionals: { min: 0, max: 1 },
  async run(context) {
    const { args: { flags, positionals: [suite] }, host, paths } = context;
    if (suite !== undefined && (suite !== FAULTS || flags.fast)) throw misused(`test: found "${suite}"${flags.fast ? " with --fast" : ""}; there is "./mcp test", with --fast or not, and "./mcp test ${FAULTS}".`);
    const files = testFiles(paths.root);
    const grep = flags.grep ? ["--fgrep", String(flags.grep)] : [];
    const tools = await providePulumi(context);
    const env = { ...host.env, ...pulumiVariables(paths, host.env, tools) };
    if (suite === FAULTS) {
      await provideAll(context);
      return conclude([await mocha(context, "fault suite", env, [...grep, "--timeout", "300000", ...files.faults])]);
    }
    const runs = [await mocha(context, "fast tests", env, [...grep, "--timeout", "30000", "--parallel", "--jobs", String(FAST_JOBS), ...files.fast])];
    if (!flags.fast) {
      await provideAll(context);
      runs.push(...await live(context, env, grep, files));
    }
    return conclude(runs);
  },
};

function conclude(runs: readonly RunSummary[]): number {
  const total = merged(runs);
  console.log(closing(total).join("\n"));
  return total.failed + total.pending === 0 ? 0 : 1;
}

/** Both live lists side by side: much of their time is waiting. What the second one says follows the first, whole. */
async function live(context: Context, env: Environment, grep: readonly string[], { stack, parts }: TestFiles): Promise<RunSummary[]> {
  const log = join(context.paths.home, "test", `${process.pid}.log`);
  mkdirSync(join(context.paths.home, "test"), { recursive: true });
  const output = openSync(log, "w");
  const options = [...grep, "--timeout", "120000"];
  try {
    const runs = await Promise.all([
      mocha(context, "live tests of the stack", env, [...options, ...stack]),
      mocha(context, "live tests of the parts", env, [...options, ...parts], output),
    ]);
    await pipeline(createReadStream(log), process.stdout, { end: false });
    return runs;
  } finally {
    closeSync(output);
    rmSync(log, { force: true });
  }
}

async function mocha({ paths, ui }: Context, name: string, env: Environment, args: readonly string[], output?: number): Promise<RunSummary> {
  const summary = join(paths.home, "test", `${process.pid}-${name.replaceAll(" ", "-")}.json`);
  mkdirSync(join(paths.home, "test"), { recursive: true });
  ui.say(`Running the ${name}${output === undefined ? "" : ", whose lines follow at the end"}`);
  try {
    const code = await hand(process.execPath, [
      join(paths.root, "node_modules", "mocha", "bin", "mocha.js"), "--exit", "--forbid-only",
      "--reporter", join(paths.root, "ops", "testing", "reporter.ts"), "--reporter-option", `summary=${summary}`, ...args,
    ], { cwd: paths.root, env, output });
    const run = readSummary(summary);
    if (run === null) return crashed(name, code);
    // Mocha may fail after the last test, as by an error outside of any.
    return code !== 0 && run.failed === 0 ? merged([run, crashed(name, code)]) : run;
  } finally {
    rmSync(summary, { force: true });
  }
}

function readSummary(file: string): RunSummary | null {
  try { return JSON.parse(readFileSync(file, "utf8")) as RunSummary; } catch { return null; }
}
