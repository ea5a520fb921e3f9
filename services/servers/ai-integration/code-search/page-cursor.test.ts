import assert from "node:assert/strict";
import { readCursor, searchDigest, writeCursor } from "./page-cursor.ts";

const END = { score: 1.234567, repository: "a/b", path: "src/ü.ts", line: 7 };

describe("a cursor", () => {
  it("comes back as it was written", () => {
    assert.deepEqual(readCursor(writeCursor(END, "d"), "d"), END);
  });
  it("serves the search it came from, and no other", () => {
    const cursor = writeCursor(END, searchDigest(["x", "all"]));
    assert.throws(() => readCursor(cursor, searchDigest(["x", "any"])), /belongs to another search/);
  });
  it("is refused in words when it is not ours", () => {
    for (const text of ["nonsense", "", Buffer.from('{"digest":"d"}').toString("base64url")]) assert.throws(() => readCursor(text, "d"), /nextCursor unchanged/);
  });
});
