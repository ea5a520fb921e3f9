import assert from "node:assert/strict";
import { callTool } from "../../../../kit/testing.ts";
import { RANKED } from "../passages.ts";
import { fakeIndex, REPOSITORY_NAMES } from "../testing.ts";
import { searchCode } from "./search-code.ts";

const MATCHES = "WITH asked";
const AROUND = "WITH ORDINALITY";
const passage = (path: string, more: object = {}) => ({
  blobId: "1", repository: "lib", revision: "c0ffee", path, language: "Go", startLine: 11, endLine: 13, text: "x\nfunc fee() {\n}", score: 0.5, ranked: 3, symbol: null, ...more,
});
const fee = { name: "fee", kind: "func", line: 12, scope: null };

describe("search_code", () => {
  it("shows the lines that matter, with the definition around them", async () => {
    const deps = fakeIndex({ [MATCHES]: [passage("a.go")], [AROUND]: [{ n: 1, symbol: fee }] });
    const { results, nextCursor, complete } = await callTool(searchCode, deps, { query: "fee", snippetLines: 1 });
    assert.deepEqual(results, [{
      repository: "lib", revision: "c0ffee", path: "a.go", language: "Go", startLine: 12, endLine: 12, snippet: "func fee() {", symbol: fee, score: 0.5,
    }]);
    assert.deepEqual([nextCursor, complete], [null, true]);
    assert.deepEqual(deps.asked[1]!.values, [["1"], [12]]);
  });

  it("goes on behind the last result of the page before", async () => {
    const deps = fakeIndex({ [MATCHES]: [passage("a.go"), passage("b.go"), passage("c.go", { score: 0.1 })], [AROUND]: [] });
    const first = await callTool(searchCode, deps, { query: "fee", limit: 2 });
    assert.deepEqual(first.results.map(({ path }) => path), ["a.go", "b.go"]);
    await callTool(searchCode, deps, { query: "fee", limit: 2, cursor: first.nextCursor });
    const values = deps.asked[2]!.values;
    assert.deepEqual(values.slice(values.indexOf(0.5), -1), [0.5, "lib", "b.go", 11]);
    await assert.rejects(callTool(searchCode, deps, { query: "other", cursor: first.nextCursor }), /belongs to another search/);
  });

  it("says when more matches than is ranked", async () => {
    const deps = fakeIndex({ [MATCHES]: [passage("a.go", { ranked: RANKED })], [AROUND]: [] });
    assert.equal((await callTool(searchCode, deps, { query: "fee" })).complete, false);
  });

  it("says what to do when nothing is found, or nothing is indexed", async () => {
    const none = fakeIndex({ [MATCHES]: [], [REPOSITORY_NAMES]: [{ name: "lib" }] });
    assert.match((await callTool(searchCode, none, { query: "two words" })).hint!, /match "any"/);
    assert.match((await callTool(searchCode, none, { query: "one" })).hint!, /prefix/);
    const empty = fakeIndex({ [MATCHES]: [], [REPOSITORY_NAMES]: [] });
    await assert.rejects(callTool(searchCode, empty, { query: "one" }), /code-indexer index_repository/);
  });
});
