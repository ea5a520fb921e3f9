/** Reads the command line of a verb, and says what it takes. Pure. */
import { parseArgs } from "node:util";
import { misused } from "../system/failure.ts";
import type { Arguments, Option, Verb } from "./verb.ts";

const COMMON: Record<string, Option> = {
  yes: { type: "boolean", short: "y", help: "answer every question with yes" },
  quiet: { type: "boolean", short: "q", help: "say only results, warnings and errors" },
  help: { type: "boolean", short: "h", help: "show this" },
};
const STACK: Option = { type: "string", short: "s", value: "NAME", help: "the stack to work on (default: dev)" };
const JSON_OPTION: Option = { type: "boolean", help: "report as JSON" };

export function optionsOf(verb: Verb): Record<string, Option> {
  return {
    ...verb.options,
    ...(verb.onStack ? { stack: STACK } : {}),
    ...(verb.reports ? { json: JSON_OPTION } : {}),
    ...COMMON,
  };
}

/** @throws {Failure} with exit code 2 for what the verb does not take */
export function parseFor(verb: Verb, words: readonly string[]): Arguments {
  const options = optionsOf(verb);
  const hint = `"./mcp ${verb.name} --help" lists what it takes.`;
  // Not strict: Node's own messages speak of its API, ours of the option.
  const { tokens } = parseArgs({
    args: [...words], strict: false, allowPositionals: true, tokens: true,
    options: Object.fromEntries(Object.entries(options).map(([name, o]) => [name, { type: o.type, ...(o.short ? { short: o.short } : {}) }])),
  });
  const positionals: string[] = [];
  const flags: Arguments["flags"] = {};
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    const option = options[token.name];
    if (!option) throw misused(`${verb.name}: unknown option ${token.rawName}. ${hint}`);
    if (option.type === "string" && (token.value === undefined || token.value === "")) {
      throw misused(`${verb.name}: ${token.rawName} wants a value, as in "${token.rawName} ${option.value ?? "VALUE"}".`);
    }
    if (option.type === "boolean" && token.value !== undefined) throw misused(`${verb.name}: ${token.rawName} takes no value.`);
    flags[token.name] = option.type === "boolean" ? true : token.value;
  }
  const { min, max } = verb.positionals ?? { min: 0, max: 0 };
  if (!flags.help && positionals.length < min) throw misused(`${verb.name}: too few arguments; it is called as "./mcp ${verb.name} ${verb.synopsis}".`);
  if (positionals.length > max) throw misused(`${verb.name}: unexpected argument "${positionals[max]}". ${hint}`);
  return { positionals, flags };
}

export function helpOf(verb: Verb): string {
  const rows = Object.entries(optionsOf(verb)).map(([name, option]) => {
    const short = option.short ? `-${option.short}, ` : "    ";
    return [`  ${short}--${name}${option.type === "string" ? ` ${option.value ?? "VALUE"}` : ""}`, option.help] as const;
  });
  const width = Math.max(...rows.map(([left]) => left.length));
  return [
    `./mcp ${verb.name} ${verb.synopsis}`.trimEnd(),
    "",
    verb.summary,
    ...(verb.details ? ["", verb.details.trim()] : []),
    "",
    "Options:",
    ...rows.map(([left, right]) => `${left.padEnd(width)}  ${right}`),
  ].join("\n");
}

export function generalHelp(verbs: readonly Verb[]): string {
  const width = Math.max(...verbs.map((verb) => verb.name.length));
  return [
    "./mcp <command> [options]",
    "",
    "Runs the Flash Loan MCP System on a Docker engine.",
    "",
    ...verbs.map((verb) => `  ${verb.name.padEnd(width)}  ${verb.summary}`),
    "",
    '"./mcp <command> --help" tells more about one. Exit codes: 0 done, 1 failed, 2 wrong usage or',
    "configuration, 3 a prerequisite is missing.",
  ].join("\n");
}

/** The known word nearest to a misspelt one; null when none is near. */
export function nearest(word: string, known: readonly string[]): string | null {
  const ranked = known.map((candidate) => ({ candidate, d: distance(word, candidate) })).sort((a, b) => a.d - b.d);
  return ranked[0] && ranked[0].d <= Math.max(2, Math.floor(word.length / 3)) ? ranked[0].candidate : null;
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length]!;
}
