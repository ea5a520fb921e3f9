/** ./mcp: finds the verb, reads its arguments, runs it, and turns its failure into one line and an exit code. */
import { generalHelp, helpOf, nearest, parseFor } from "./cli/arguments.ts";
import { terminalUi } from "./cli/ui.ts";
import { Failure, misused } from "./system/failure.ts";
import { thisHost } from "./system/host.ts";
import { pathsOf } from "./system/paths.ts";
import { VERBS } from "./verbs/index.ts";

async function main(words: readonly string[]): Promise<number> {
  const [name, ...rest] = words;
  if (name === undefined || name === "help" || name === "--help" || name === "-h") {
    console.log(generalHelp(VERBS));
    return name === undefined ? 2 : 0;
  }
  const verb = VERBS.find((candidate) => candidate.name === name);
  if (!verb) {
    const near = nearest(name, VERBS.map((candidate) => candidate.name));
    throw misused(`unknown command "${name}"${near ? `; did you mean "${near}"?` : "."} "./mcp --help" lists them.`);
  }
  const args = parseFor(verb, rest);
  if (args.flags.help) {
    console.log(helpOf(verb));
    return 0;
  }
  const host = thisHost();
  const quiet = args.flags.quiet === true;
  return verb.run({
    host, args, quiet,
    paths: pathsOf(host.env),
    ui: terminalUi(quiet),
    stack: String(args.flags.stack ?? "dev"),
    yes: args.flags.yes === true,
    json: args.flags.json === true,
  });
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  console.error(`mcp: ${error.message}`);
  process.exitCode = error.exitCode;
}
