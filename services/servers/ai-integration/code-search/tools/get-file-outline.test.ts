import assert from "node:assert/strict";
import { callTool } from "../../../../kit/testing.ts";
import { aFile, FILE_BY_PATH, fakeIndex, REPOSITORY_NAMES } from "../testing.ts";
import { getFileOutline } from "./get-file-outline.ts";

const SYMBOLS = "FROM code_index.symbols";
const symbols = [1, 5, 9].map((line) => ({ name: `s${line}`, kind: "function", startLine: line, endLine: line + 2, scope: null, signature: "f" }));

describe("get_file_outline", () => {
  it("gives what the file defines, and goes on where the limit cut it off", async () => {
    const deps = fakeIndex({ [FILE_BY_PATH]: [aFile()], [SYMBOLS]: ({ values }) => symbols.filter(({ startLine }) => startLine >= Number(values[1])).slice(0, Number(values[2])) });
    const first = await callTool(getFileOutline, deps, { path: "./src/a.ts", limit: 2 });
    assert.deepEqual([first.symbols, first.more, first.lines, first.revision], [symbols.slice(0, 2), true, 900, "c0ffee"]);
    const rest = await callTool(getFileOutline, deps, { path: "src/a.ts", limit: 2, fromLine: 6 });
    assert.deepEqual([rest.symbols, rest.more], [symbols.slice(2), false]);
    assert.deepEqual(deps.asked[0]!.values, ["src/a.ts", null]);
  });

  it("asks which repository when several hold the path", async () => {
    const deps = fakeIndex({ [FILE_BY_PATH]: [aFile(), aFile({ repository: "fork" })] });
    await assert.rejects(callTool(getFileOutline, deps, { path: "src/a.ts" }), /several repositories: lib, fork/);
  });

  it("says why a file has no text, and which files a wrong path may have meant", async () => {
    await assert.rejects(callTool(getFileOutline, fakeIndex({ [FILE_BY_PATH]: [aFile({ skipped: "too_large" })] }), { path: "src/a.ts" }), /src\/a\.ts is too large/);
    const elsewhere = fakeIndex({ [FILE_BY_PATH]: [], [REPOSITORY_NAMES]: [{ name: "lib" }], "LIMIT 5": [{ repository: "lib", path: "src/a.ts" }] });
    await assert.rejects(callTool(getFileOutline, elsewhere, { path: "lib/a.ts" }), /no file lib\/a\.ts.*src\/a\.ts \(lib\)/);
    await assert.rejects(callTool(getFileOutline, fakeIndex({ [FILE_BY_PATH]: [], [REPOSITORY_NAMES]: [] }), { path: "a" }), /index_repository/);
  });
});
