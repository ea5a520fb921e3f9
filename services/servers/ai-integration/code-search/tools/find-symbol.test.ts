import assert from "node:assert/strict";
import { callTool } from "../../../../kit/testing.ts";
import { fakeIndex, REPOSITORY_NAMES } from "../testing.ts";
import { findSymbol } from "./find-symbol.ts";

const SYMBOLS = "FROM code_index.symbols s";
const symbol = (name: string) => ({
  name, kind: "function", repository: "lib", revision: null, path: "a.ts", language: "TypeScript", startLine: 3, endLine: null, scope: null, signature: `function ${name}()`,
});

describe("find_symbol", () => {
  it("answers at most the limit, and says that there are more", async () => {
    const deps = fakeIndex({ [SYMBOLS]: ({ values }) => ["a", "ab", "abc"].slice(0, values.at(-1) as number).map(symbol) });
    const some = await callTool(findSymbol, deps, { name: "a", match: "prefix", limit: 2 });
    assert.deepEqual([some.symbols.map(({ name }) => name), some.more], [["a", "ab"], true]);
    assert.equal((await callTool(findSymbol, deps, { name: "a", match: "prefix", limit: 3 })).more, false);
  });

  it("hands name and filters over as values", async () => {
    const deps = fakeIndex({ [SYMBOLS]: [symbol("a")] });
    await callTool(findSymbol, deps, { name: "a'b", kind: "class", repository: "lib", language: "Go", limit: 5 });
    assert.deepEqual(deps.asked[0]!.values, ["a'b", "class", "lib", "Go", 6]);
  });

  it("says what to try next when there is none", async () => {
    const deps = fakeIndex({ [SYMBOLS]: [], [REPOSITORY_NAMES]: [{ name: "lib" }] });
    assert.match((await callTool(findSymbol, deps, { name: "nope", kind: "class" })).hint!, /No class.*nope.*"insensitive".*leave out kind/);
    await assert.rejects(callTool(findSymbol, deps, { name: "nope", repository: "other" }), /"other" is indexed.*lib/);
  });
});
