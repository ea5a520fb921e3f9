import assert from "node:assert/strict";
import type { Failure } from "../system/failure.ts";
import { generalHelp, helpOf, nearest, parseFor } from "./arguments.ts";
import type { Verb } from "./verb.ts";
import { VERBS } from "../verbs/index.ts";

const verb: Verb = {
  name: "paint", synopsis: "<wall> [--coats N]", summary: "Paint a wall", onStack: true, reports: true,
  positionals: { min: 1, max: 2 },
  options: { coats: { type: "string", value: "N", help: "how many" }, wet: { type: "boolean", short: "w", help: "stay wet" } },
  run: async () => 0,
};
const refusal = (...words: string[]) => {
  try { parseFor(verb, words); } catch (error) { return error as Failure; }
  throw new Error(`accepted: ${words.join(" ")}`);
};

describe("arguments of a verb", () => {
  it("are options in every form, and what is left", () => {
    assert.deepEqual(parseFor(verb, ["north", "--coats", "2", "-w", "--stack=test", "-y", "south"]),
      { positionals: ["north", "south"], flags: { coats: "2", wet: true, stack: "test", yes: true } });
  });

  it("keep what follows -- as it is", () => {
    assert.deepEqual(parseFor(verb, ["--", "--coats"]).positionals, ["--coats"]);
  });

  it("are refused with exit code 2 and the word that is wrong", () => {
    for (const [words, pattern] of [
      [["north", "--cots", "2"], /unknown option --cots/],
      [["north", "--coats"], /--coats wants a value/],
      [["north", "--wet=yes"], /--wet takes no value/],
      [[], /too few arguments.*paint <wall>/],
      [["a", "b", "c"], /unexpected argument "c"/],
    ] as const) {
      const failure = refusal(...words);
      assert.equal(failure.exitCode, 2);
      assert.match(failure.message, pattern);
    }
  });

  it("may be too few when help is asked for", () => {
    assert.equal(parseFor(verb, ["--help"]).flags.help, true);
  });
});

describe("help", () => {
  it("of a verb lists every option that it takes", () => {
    const help = helpOf(verb);
    for (const text of ["./mcp paint <wall> [--coats N]", "--coats N", "-w, --wet", "--stack NAME", "--json", "--yes", "--quiet"]) assert.ok(help.includes(text), text);
  });

  it("in general lists every verb", () => {
    for (const { name, summary } of VERBS) assert.match(generalHelp(VERBS), new RegExp(`^  ${name} +${summary.replaceAll(/[$()."]/g, "\\$&")}$`, "m"));
  });

  it("finds what a misspelt word may mean", () => {
    assert.equal(nearest("dwon", ["up", "down"]), "down");
    assert.equal(nearest("statsu", ["scale", "status"]), "status");
    assert.equal(nearest("xyzzy", ["up", "down"]), null);
  });
});
