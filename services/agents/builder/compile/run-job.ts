/** Does one compile job in this process. Compilers are loaded here and nowhere else, at the first job. */
import { createRequire } from "node:module";
import type TS from "typescript";
import type { CompileJob, CompileOutputs } from "./job.ts";
import type { StandardOutput } from "./solidity-output.ts";
import { compileTypescript } from "./typescript-program.ts";

/** Not an import, which a bundle would move to the top: the agent itself never holds a compiler in memory. */
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

export function runJob(job: CompileJob): CompileOutputs[CompileJob["language"]] {
  return job.language === "solidity" ? solidity(job.input) : typescript(job);
}
