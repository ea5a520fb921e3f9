import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Context, Verb } from "../cli/verb.ts";
import { provideAll } from "../prerequisites/index.ts";
import { providePulumi } from "../prerequisites/pulumi.ts";
import { pulumiVariables } from "../stack/environment.ts";
import { hand, type Environment } from "../system/processes.ts";
import { testFiles } from "../testing/files.ts";
import type { RunSummary } from "../testing/reporter.ts";
import { closing, crashed, merged } from "../testing/summary.ts";

/** Processes for the fast part: one a core of the smallest machine that we care for. */
const FAST_JOBS = 2;

export const test: Verb = {
  name: "test",
  synopsis: "[--fast] [--grep TEXT]",
  summary: "Run the tests; the last line is \"N passed, N failed\"",
  details: `
First the fast part: types, import arrows, unit, program and property tests, generated files, the steps of the
pull-request workflow. Then the live part on a real engine, with a stack "test" beside whatever runs there. --fast leaves
the live part out. A pending test counts as failed.`,
  options: {
    fast: { type: "boolean", help: "leave the live part out" },
    grep: { type: "string", value: "TEXT", help: "only tests whose title holds the text" },
  },
  async run(context) {
    const { args: { flags }, host, paths } = context;
    const files = testFiles(paths.root);
    const grep = flags.grep ? ["--fgrep", String(flags.grep)] : [];
    const tools = await providePulumi(context);
    const env = { ...host.env, ...pulumiVariables(paths, host.env, tools) };
    const runs = [await mocha(context, "fast tests", env, [...grep, "--timeout", "30000", "--parallel", "--jobs", String(FAST_JOBS), ...files.fast])];
    if (!flags.fast && files.live.length > 0) {
      await provideAll(context);
      runs.push(await mocha(context, "live tests", env, [...grep, "--timeout", "120000", ...files.live]));
    }
    const total = merged(runs);
    console.log(closing(total).join("\n"));
    return total.failed + total.pending === 0 ? 0 : 1;
  },
};

async function mocha({ paths, ui }: Context, name: string, env: Environment, args: readonly string[]): Promise<RunSummary> {
  const summary = join(paths.home, "test", `${process.pid}.json`);
  mkdirSync(join(paths.home, "test"), { recursive: true });
  ui.say(`Running the ${name}`);
  try {
    const code = await hand(process.execPath, [
      join(paths.root, "node_modules", "mocha", "bin", "mocha.js"), "--exit", "--forbid-only",
      "--reporter", join(paths.root, "ops", "testing", "reporter.ts"), "--reporter-option", `summary=${summary}`, ...args,
    ], { cwd: paths.root, env });
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
