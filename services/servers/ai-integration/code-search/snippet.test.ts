import assert from "node:assert/strict";
import { snippetOf } from "./snippet.ts";

const PASSAGE = ["import fee", "", "a", "b", "function quoteFee(pool) {", "  return pool.fee", "}", "c", "d", "e"].join("\n");

describe("snippetOf", () => {
  it("shows the lines with the most of what was looked for, a little before them, and says where they are", () => {
    assert.deepEqual(snippetOf(PASSAGE, 101, ["pool", "fee"], 5, null), {
      startLine: 103, endLine: 107, text: ["a", "b", "function quoteFee(pool) {", "  return pool.fee", "}"].join("\n"), focusLine: 105,
    });
  });
  it("holds the definition that answers the search", () => {
    const { startLine, endLine, focusLine } = snippetOf(PASSAGE, 101, ["import"], 3, 105);
    assert.ok(startLine <= 105 && endLine >= 105);
    assert.equal(focusLine, 105);
  });
  it("sees one identifier however it is written", () => {
    assert.equal(snippetOf(PASSAGE, 1, ["quotefee"], 1, null).text, "function quoteFee(pool) {");
    assert.equal(snippetOf("x\nquote_fee", 1, ["quotefee"], 1, null).startLine, 2);
  });
  it("shows the passage's beginning where no line says why, and never more than there is", () => {
    assert.deepEqual(snippetOf("a\nb", 9, ["zzz"], 12, null), { startLine: 9, endLine: 10, text: "a\nb", focusLine: 9 });
  });
});
