import assert from "node:assert/strict";
import fc from "fast-check";
import { MAX_UINT112, PIPS } from "../integer.ts";
import { magnitude } from "../testing/pools.ts";
import { aRefusal } from "../testing/refusals.ts";
import { A, B, CurrencyAmount, Pair } from "../testing/uniswap-sdk.ts";
import { getAmountIn, getAmountOut, leastInputFor, outputOf } from "./constant-product.ts";

const reserve = magnitude(112);
const FEE = 3_000;
const KEEP = PIPS - BigInt(FEE);

const pairOf = (reserveIn: bigint, reserveOut: bigint) =>
  new Pair(CurrencyAmount.fromRawAmount(A, String(reserveIn)), CurrencyAmount.fromRawAmount(B, String(reserveOut)));

describe("constant product", () => {
  it("gives what Uniswap's SDK gives for an exact input, 10 000 swaps", function () {
    this.timeout(60_000);
    let compared = 0;
    fc.assert(fc.property(magnitude(100), magnitude(100), magnitude(100), (reserveIn, reserveOut, amountIn) => {
      const ours = getAmountOut(amountIn, reserveIn, reserveOut, FEE);
      let theirs: bigint;
      try {
        theirs = BigInt(pairOf(reserveIn, reserveOut).getOutputAmount(CurrencyAmount.fromRawAmount(A, String(amountIn)))[0].quotient.toString());
      } catch (error) {
        // The SDK refuses an output of nothing, as the pair does.
        assert.equal((error as { isInsufficientInputAmountError?: boolean }).isInsufficientInputAmountError, true);
        theirs = 0n;
      }
      compared++;
      return ours === theirs;
    }), { numRuns: 10_000 });
    assert.equal(compared, 10_000);
  });

  it("charges what Uniswap's SDK charges for an exact output", function () {
    this.timeout(60_000);
    const swap = fc.tuple(magnitude(80), fc.bigInt({ min: 2n, max: 1n << 80n })).chain(([reserveIn, reserveOut]) =>
      fc.tuple(fc.constant(reserveIn), fc.constant(reserveOut), fc.bigInt({ min: 1n, max: reserveOut - 1n })));
    fc.assert(fc.property(swap, ([reserveIn, reserveOut, amountOut]) => {
      fc.pre((reserveIn * amountOut * 1000n) / ((reserveOut - amountOut) * 997n) < 1n << 110n);
      const [theirs] = pairOf(reserveIn, reserveOut).getInputAmount(CurrencyAmount.fromRawAmount(B, String(amountOut)));
      return getAmountIn(amountOut, reserveIn, reserveOut, FEE) === BigInt(theirs.quotient.toString());
    }), { numRuns: 2_000 });
  });

  it("leaves the product of the reserves at least as great, after the fee, as the pair demands", () => {
    fc.assert(fc.property(reserve, reserve, magnitude(112), fc.integer({ min: 0, max: 999_999 }), (reserveIn, reserveOut, amountIn, feePips) => {
      const keep = PIPS - BigInt(feePips);
      const left = reserveOut - outputOf(amountIn, reserveIn, reserveOut, keep);
      return left > 0n && (reserveIn * PIPS + amountIn * keep) * left >= reserveIn * reserveOut * PIPS;
    }), { numRuns: 5_000 });
  });

  it("finds the least input for an output: one less does not do", () => {
    fc.assert(fc.property(magnitude(60), magnitude(60), magnitude(60), (reserveIn, reserveOut, amountOut) => {
      const least = leastInputFor(amountOut, reserveIn, reserveOut, KEEP);
      if (least === null) return amountOut >= reserveOut;
      return outputOf(least, reserveIn, reserveOut, KEEP) >= amountOut && outputOf(least - 1n, reserveIn, reserveOut, KEEP) < amountOut;
    }), { numRuns: 5_000 });
  });

  it("refuses by name what no pair can have or do", () => {
    assert.throws(() => getAmountOut(0n, 10n, 10n, FEE), aRefusal("invalid_amount", /an input of 0: at least 1/));
    assert.throws(() => getAmountOut(1n, 0n, 10n, FEE), aRefusal("invalid_reserves", /a reserve of 0: from 1 to .*leave an empty pool out/));
    assert.throws(() => getAmountOut(1n, 10n, 1n << 112n, FEE), aRefusal("invalid_reserves", /uint112/));
    assert.throws(() => getAmountOut(1n, MAX_UINT112, 10n, FEE), aRefusal("amount_overflow", /an input of 1: at most 0/));
    assert.throws(() => getAmountOut(1n, 10n, 10n, 1_000_000), aRefusal("invalid_fee", /1000000 pips/));
    assert.throws(() => getAmountIn(10n, 10n, 10n, FEE), aRefusal("insufficient_liquidity", /the pool holds 10/));
    assert.throws(() => getAmountIn(MAX_UINT112 - 1n, 1_000n, MAX_UINT112, FEE), aRefusal("amount_overflow", /the input that this output takes/));
  });
});
