import assert from "node:assert/strict";
import { decode, linesOf } from "./text.ts";

const LIMIT = 100_000;

describe("decode", () => {
  it("gives UTF-8 text without byte order mark and with plain line ends", () => {
    assert.deepEqual(decode(Buffer.from("\uFEFFnaïve\r\nb\rc\n"), LIMIT), { text: "naïve\nb\nc\n", lines: ["naïve", "b", "c"] });
  });
  it("reads what is not UTF-8 as Latin-1 instead of losing it", () => {
    assert.deepEqual(decode(Buffer.from([0x63, 0x61, 0x66, 0xe9]), LIMIT), { text: "café", lines: ["café"] });
  });
  it("calls a file with a zero byte binary, also far from its start", () => {
    assert.deepEqual(decode(Buffer.concat([Buffer.alloc(9_000, "a\n"), Buffer.from([0])]), LIMIT), { skipped: "binary" });
  });
  it("leaves out a file beyond the limit", () => {
    assert.deepEqual(decode(Buffer.alloc(11, "a"), 10), { skipped: "too_large" });
    assert.ok("text" in decode(Buffer.alloc(10, "a"), 10));
  });
  it("calls a file minified for one monstrous line, or for lines that are long on average", () => {
    assert.deepEqual(decode(Buffer.from(`a\n${"x".repeat(10_001)}\n`), LIMIT), { skipped: "minified" });
    assert.deepEqual(decode(Buffer.from(`${"y".repeat(400)}\n`.repeat(60)), LIMIT), { skipped: "minified" });
    assert.ok("text" in decode(Buffer.from(`${"y".repeat(90)}\n`.repeat(300)), LIMIT));
  });
});

describe("linesOf", () => {
  it("does not count a line after the final line end", () => {
    assert.deepEqual(["", "a", "a\n", "a\n\n", "\n"].map(linesOf), [[], ["a"], ["a"], ["a", ""], [""]]);
  });
});
