import assert from "node:assert/strict";
import fc from "fast-check";
import { aRefusal } from "../testing/refusals.ts";
import { JSBI, TickMath } from "../testing/uniswap-sdk.ts";
import { getSqrtRatioAtTick, getTickAtSqrtRatio, MAX_SQRT_RATIO, MAX_TICK, MIN_SQRT_RATIO, MIN_TICK } from "./tick-math.ts";

describe("ticks", () => {
  const tick = fc.integer({ min: MIN_TICK, max: MAX_TICK });

  it("has the price of every tick as Uniswap's SDK has it, ends included", () => {
    fc.assert(fc.property(tick, (at) => getSqrtRatioAtTick(at) === BigInt(TickMath.getSqrtRatioAtTick(at).toString())),
      { numRuns: 5_000, examples: [[MIN_TICK], [MAX_TICK], [0], [-1], [1]] });
    assert.deepEqual([getSqrtRatioAtTick(MIN_TICK), getSqrtRatioAtTick(MAX_TICK)], [MIN_SQRT_RATIO, MAX_SQRT_RATIO]);
  });

  it("finds the tick of a price as Uniswap's SDK finds it, also one unit beside a border", () => {
    const price = fc.oneof(
      fc.tuple(fc.integer({ min: MIN_TICK + 1, max: MAX_TICK - 1 }), fc.bigInt({ min: -1n, max: 1n })).map(([at, off]) => getSqrtRatioAtTick(at) + off),
      fc.tuple(fc.integer({ min: MIN_TICK, max: MAX_TICK - 1 }), fc.double({ min: 0, max: 0.999, noNaN: true })).map(([at, share]) =>
        getSqrtRatioAtTick(at) + ((getSqrtRatioAtTick(at + 1) - getSqrtRatioAtTick(at)) * BigInt(Math.floor(share * 1e6))) / 1_000_000n));
    fc.assert(fc.property(price, (at) => getTickAtSqrtRatio(at) === TickMath.getTickAtSqrtRatio(JSBI.BigInt(String(at)))),
      { numRuns: 5_000, examples: [[MIN_SQRT_RATIO], [MAX_SQRT_RATIO - 1n]] });
  });

  it("refuses ticks and prices that no pool can have", () => {
    assert.throws(() => getSqrtRatioAtTick(MAX_TICK + 1), aRefusal("invalid_price", /tick 887273: a whole number from -887272 to 887272/));
    assert.throws(() => getTickAtSqrtRatio(MAX_SQRT_RATIO), aRefusal("invalid_price", /to below/));
    assert.throws(() => getTickAtSqrtRatio(0n), aRefusal("invalid_price", /nobody initialised/));
  });
});
