import assert from "node:assert/strict";
import fc from "fast-check";
import { ceilDiv, floorDiv, isqrt } from "./integer.ts";

describe("integers", () => {
  it("has the root of every number up to thousands of bits, never one off", () => {
    const wide = fc.integer({ min: 0, max: 4_000 }).chain((bits) => fc.bigInt({ min: 0n, max: 1n << BigInt(bits) }));
    fc.assert(fc.property(wide, (value) => {
      const root = isqrt(value);
      return root * root <= value && (root + 1n) * (root + 1n) > value;
    }), { numRuns: 2_000 });
  });

  it("has the root of squares and of their neighbours", () => {
    fc.assert(fc.property(fc.bigInt({ min: 1n, max: 1n << 600n }), (root) =>
      isqrt(root * root) === root && isqrt(root * root - 1n) === root - 1n && isqrt(root * root + 2n * root) === root));
  });

  it("rounds quotients up and down on both sides of zero", () => {
    assert.deepEqual([ceilDiv(7n, 2n), ceilDiv(6n, 2n), floorDiv(7n, 2n), floorDiv(-7n, 2n), floorDiv(-6n, 2n)], [4n, 3n, 3n, -4n, -3n]);
  });
});
