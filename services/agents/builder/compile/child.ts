/** The compiler process: one job on stdin, its output on stdout, then it ends. */
import { createRequire } from "node:module";
import { json } from "node:stream/consumers";
import type TS from "typescript";
import type { CompileJob, CompileOutputs } from "./job.ts";
import type { StandardOutput } from "./solidity-output.ts";
import { compileTypescript } from "./typescript-program.ts";

/** Only here, so that the agent itself never holds a compiler in memory. */
const load = createRequire(import.meta.url);

interface Solc {
  version(): string;
  compile(input: string): string;
}

function solidity(input: object): CompileOutputs["solidity"] {
  // Not the package's main file, whose SMT helpers look for a temporary folder. Without an import callback solc knows
  // the given sources only.
  const wrap = load("solc/wrapper.js") as (module: unknown) => Solc;
  const solc = wrap(load("solc/soljson.js"));
  return { compiler: `solc ${solc.version()}`, output: JSON.parse(solc.compile(JSON.stringify(input))) as StandardOutput };
}

function typescript({ files, options }: Extract<CompileJob, { language: "typescript" }>): CompileOutputs["typescript"] {
  const ts = load("typescript") as typeof TS;
  return { compiler: `typescript ${ts.version}`, output: compileTypescript(ts, files, options) };
}

export async function compileOnce(): Promise<void> {
  const job = (await json(process.stdin)) as CompileJob;
  const answer = job.language === "solidity" ? solidity(job.input) : typescript(job);
  // solc leaves handlers behind that keep the process alive.
  process.stdout.write(JSON.stringify(answer), () => process.exit(0));
}
