import assert from "node:assert/strict";
import fc from "fast-check";
import { chunkLines, CHUNK_SIZES } from "./chunks.ts";

const code = (count: number): string[] => Array.from({ length: count }, (_, index) => `  line ${index + 1}`);
const withLine = (lines: string[], line: number, text: string): string[] => lines.with(line - 1, text);

describe("chunkLines", () => {
  it("keeps a short file in one piece and makes nothing of an empty one", () => {
    assert.deepEqual(chunkLines(code(90), []), [{ startLine: 1, endLine: 90 }]);
    assert.deepEqual(chunkLines([], []), []);
  });
  it("cuts before the definition that is nearest to the target", () => {
    const boundaries = [40, 58, 80].map((line) => ({ line, topLevel: true }));
    assert.deepEqual(chunkLines(code(120), boundaries), [{ startLine: 1, endLine: 57 }, { startLine: 58, endLine: 120 }]);
  });
  it("takes the comment above a definition along", () => {
    const lines = withLine(withLine(code(120), 57, " * what it does"), 56, "/** doc");
    assert.equal(chunkLines(lines, [{ line: 58, topLevel: true }])[1]!.startLine, 56);
  });
  it("prefers a top-level definition to a nearer one inside another", () => {
    const chunks = chunkLines(code(120), [{ line: 61, topLevel: false }, { line: 40, topLevel: true }]);
    assert.equal(chunks[1]!.startLine, 40);
  });
  it("cuts at a blank line where there is no definition", () => {
    assert.deepEqual(chunkLines(withLine(code(120), 50, ""), []), [{ startLine: 1, endLine: 50 }, { startLine: 51, endLine: 120 }]);
  });
  it("repeats some lines where it has to cut anywhere", () => {
    assert.deepEqual(chunkLines(code(120), []), [{ startLine: 1, endLine: 60 }, { startLine: 51, endLine: 120 }]);
  });
  it("covers every line, in order, in pieces of bounded size, whatever the file looks like", () => {
    const line = fc.constantFrom("", "  x", "// c", "}");
    fc.assert(fc.property(fc.array(line, { maxLength: 600 }), fc.array(fc.record({ line: fc.integer({ min: 1, max: 600 }), topLevel: fc.boolean() }), { maxLength: 30 }), (lines, all) => {
      const chunks = chunkLines(lines, all.filter((boundary) => boundary.line <= lines.length));
      let next = 1;
      for (const { startLine, endLine } of chunks) {
        assert.ok(startLine <= next && startLine > next - CHUNK_SIZES.max && endLine >= next, "no gap, and forward");
        assert.ok(endLine - startLine < CHUNK_SIZES.max + 1);
        next = endLine + 1;
      }
      assert.equal(next, lines.length + 1);
    }));
  });
});
