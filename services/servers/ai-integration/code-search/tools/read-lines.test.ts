import assert from "node:assert/strict";
import { callTool } from "../../../../kit/testing.ts";
import { aFile, FILE_BY_PATH, fakeIndex } from "../testing.ts";
import { readLines } from "./read-lines.ts";

const LINES = "code_index.lines";
const index = (lineCount = 900) => fakeIndex({
  [FILE_BY_PATH]: [aFile({ lineCount })],
  [LINES]: ({ values: [, from, to] }) => [{ text: `${from}..${to}` }],
});
const read = (input: object, lineCount?: number) => callTool(readLines, index(lineCount), { path: "src/a.ts", ...input });

describe("read_lines", () => {
  it("reads the range asked for, as far as the file goes", async () => {
    const { text, startLine, endLine, totalLines } = await read({ startLine: 895, endLine: 1_000 });
    assert.deepEqual([text, startLine, endLine, totalLines], ["895..900", 895, 900, 900]);
    assert.equal((await read({})).text, "1..400");
    assert.deepEqual([(await read({}, 0)).endLine, (await read({}, 0)).totalLines], [0, 0]);
  });

  it("refuses a range that is too long, turned round or behind the end, and says what to ask instead", async () => {
    assert.equal((await read({ startLine: 11, endLine: 410 })).endLine, 410);
    await assert.rejects(read({ startLine: 11, endLine: 411 }), /401 lines.*read 11 to 410 first/);
    await assert.rejects(read({ startLine: 5, endLine: 4 }), /exchange them/);
    await assert.rejects(read({ startLine: 901 }), /has 900 lines/);
  });

  it("says so when the file was indexed anew between two looks", async () => {
    const moved = fakeIndex({ [FILE_BY_PATH]: [aFile()], [LINES]: [] });
    await assert.rejects(callTool(readLines, moved, { path: "src/a.ts" }), /call again/);
  });
});
