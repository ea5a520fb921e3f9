import assert from "node:assert/strict";
import fc from "fast-check";
import { nextWindow, readCursor, wantsFewerBlocks, writeCursor } from "./log-pages.ts";

const position = fc.record({ block: fc.nat(), logIndex: fc.nat({ max: 999_999 }), toBlock: fc.nat() }, { noNullPrototype: true });

describe("pages of logs", () => {
  it("come back to the position they left", () => {
    fc.assert(fc.property(position, (at) => {
      assert.deepEqual(readCursor(writeCursor(at, "abcdefghijkl"), "abcdefghijkl"), at);
    }));
  });

  it("refuse any other text, and the cursor of another query", () => {
    assert.throws(() => readCursor(writeCursor({ block: 1, logIndex: 0, toBlock: 2 }, "abcdefghijkl"), "abcdefghijkx"), /another query/);
    fc.assert(fc.property(fc.string(), (text) => assert.throws(() => readCursor(text, "abcdefghijkl"), /cursor/)));
  });

  it("cover a range without gap or overlap", () => {
    fc.assert(fc.property(fc.nat({ max: 5_000 }), fc.nat({ max: 9_000 }), fc.integer({ min: 1, max: 3_000 }), (start, span, size) => {
      let at = start;
      for (let window = nextWindow(at, start + span, size); window; window = nextWindow(at, start + span, size)) {
        assert.equal(window.from, at);
        assert.ok(window.to >= window.from && window.to - window.from < size);
        at = window.to + 1;
      }
      assert.equal(at, start + span + 1);
    }));
  });

  it("tell a refusal for size from others", () => {
    for (const text of ["query returned more than 10000 results", "block range is too large", "Log response size exceeded."]) assert.ok(wantsFewerBlocks(text), text);
    for (const text of ["execution reverted", "method not found"]) assert.ok(!wantsFewerBlocks(text), text);
  });
});
