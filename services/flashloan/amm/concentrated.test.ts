import assert from "node:assert/strict";
import fc from "fast-check";
import { Refusal } from "../refusal.ts";
import { concentrated, magnitude } from "../testing/pools.ts";
import { aRefusal } from "../testing/refusals.ts";
import { A, B, CurrencyAmount, JSBI, Pool, SwapMath, Tick, TickListDataProvider } from "../testing/uniswap-sdk.ts";
import { swap, swapExactInput, swapExactOutput, type Concentrated } from "./concentrated.ts";
import { computeSwapStep } from "./swap-step.ts";
import { tickTable } from "./tick-table.ts";
import { getSqrtRatioAtTick } from "./tick-math.ts";

function sdkPool({ feePips, tickSpacing, sqrtPriceX96, liquidity, tick, ticks }: Concentrated) {
  const list = [...ticks.index].map((index, at) => new Tick({ index, liquidityGross: 1, liquidityNet: String(ticks.liquidityNet[at]) }));
  const provider = new TickListDataProvider(list, tickSpacing);
  // A fork's tier is no member of the SDK's table of spacings.
  const pool = new Pool(A, B, feePips, String(sqrtPriceX96), String(liquidity), tick, provider);
  Object.defineProperty(pool, "tickSpacing", { get: () => tickSpacing });
  return pool;
}

/** What the SDK answers, in our words; null where it refuses. */
async function theirs(pool: Concentrated, amount: bigint, zeroForOne: boolean, exactIn: boolean) {
  const token = zeroForOne === exactIn ? A : B;
  const given = CurrencyAmount.fromRawAmount(token, String(amount));
  try {
    const [other, after] = await (exactIn ? sdkPool(pool).getOutputAmount(given) : sdkPool(pool).getInputAmount(given));
    return { other: BigInt(other.quotient.toString()), sqrtPriceX96: BigInt(after.sqrtRatioX96.toString()), tick: after.tickCurrent, liquidity: BigInt(after.liquidity.toString()) };
  } catch (error) {
    return { error: String(error) };
  }
}

describe("concentrated liquidity", () => {
  it("gives what Uniswap's SDK gives and leaves the state it leaves, 10 000 swaps in and out, across ticks", async function () {
    this.timeout(300_000);
    const seen = { swaps: 0, crossed: 0, dry: 0 };
    await fc.assert(fc.asyncProperty(concentrated(), magnitude(110), fc.boolean(), fc.boolean(), async (pool, amount, zeroForOne, exactIn) => {
      fc.pre(pool.ticks.index.length > 0);
      const ours = swap(pool, amount, zeroForOne, exactIn);
      // Where the liquidity ends, the SDK mostly walks off its list of ticks, after thousands of words: one in 16 will do.
      if (ours.unfilled > 0n && amount % 16n !== 0n) return;
      const expected = await theirs(pool, amount, zeroForOne, exactIn);
      if (ours.unfilled > 0n) seen.dry++;
      if (ours.unfilled > 0n && "error" in expected) return;
      seen.swaps++;
      if (ours.crossed > 0) seen.crossed++;
      assert.deepEqual({ other: exactIn ? ours.amountOut : ours.amountIn, ...ours.after }, expected);
      assert.equal((exactIn ? ours.amountIn : ours.amountOut) + ours.unfilled, amount);
    }), { numRuns: 18_000 });
    assert.ok(seen.swaps >= 10_000 && seen.crossed > 1_000 && seen.dry > 20, JSON.stringify(seen));
  });

  it("takes each step as Uniswap's SDK does, also where amounts and liquidity are extreme", () => {
    const price = fc.integer({ min: -887_272, max: 887_271 }).map((tick) => getSqrtRatioAtTick(tick));
    const jsbi = (value: bigint) => JSBI.BigInt(String(value));
    fc.assert(fc.property(price, price, magnitude(127), magnitude(200), fc.boolean(), fc.integer({ min: 0, max: 999_999 }), (current, target, liquidity, amount, exactIn, feePips) => {
      const remaining = exactIn ? amount : -amount;
      let expected: bigint[] | null;
      try {
        expected = SwapMath.computeSwapStep(jsbi(current), jsbi(target), jsbi(liquidity), jsbi(remaining), feePips as never).map((value) => BigInt(value.toString()));
      } catch {
        expected = null;
      }
      const ours = ((): bigint[] | null => {
        try {
          const step = computeSwapStep(current, target, liquidity, remaining, BigInt(feePips));
          return [step.sqrtPriceX96, step.amountIn, step.amountOut, step.feeAmount];
        } catch (error) {
          assert.ok(error instanceof Refusal, String(error));
          return null;
        }
      })();
      assert.deepEqual(ours, expected);
    }), { numRuns: 10_000 });
  });

  it("charges for an exact output what, as an exact input, gives at least that output", () => {
    fc.assert(fc.property(concentrated({ spread: 5_000 }), magnitude(90), fc.boolean(), (pool, amount, zeroForOne) => {
      const { amountIn, unfilled } = swap(pool, amount, zeroForOne, false);
      fc.pre(unfilled === 0n && amountIn > 0n);
      return swap(pool, amountIn, zeroForOne).amountOut >= amount;
    }), { numRuns: 2_000 });
  });

  it("crosses liquidity that ends and begins again, and counts the ticks", () => {
    const [start, far] = [getSqrtRatioAtTick(0), 10n ** 18n];
    const ticks = tickTable([{ index: -600, liquidityNet: far }, { index: -300, liquidityNet: -far }, { index: -60, liquidityNet: far }, { index: 60, liquidityNet: -far }], 60);
    const pool: Concentrated = { feePips: 3_000, tickSpacing: 60, ticks, sqrtPriceX96: start, tick: 0, liquidity: far };
    const { after, crossed, unfilled } = swap(pool, 10n ** 16n, true);
    assert.deepEqual([crossed, unfilled, after.liquidity], [2, 0n, far]);
    assert.ok(after.tick < -300 && after.tick > -600);
  });

  it("stops at a price limit, and tells what was left", () => {
    const ticks = tickTable([{ index: -887_220, liquidityNet: 10n ** 18n }, { index: 887_220, liquidityNet: -(10n ** 18n) }], 60);
    const pool: Concentrated = { feePips: 3_000, tickSpacing: 60, ticks, sqrtPriceX96: getSqrtRatioAtTick(0), tick: 0, liquidity: 10n ** 18n };
    const limit = getSqrtRatioAtTick(100);
    const { after, unfilled, amountIn } = swap(pool, 10n ** 18n, false, true, limit);
    assert.deepEqual([after.sqrtPriceX96, after.tick, unfilled + amountIn], [limit, 100, 10n ** 18n]);
    assert.throws(() => swap(pool, 1n, true, true, limit), aRefusal("invalid_price", /moves the price down/));
  });

  it("refuses by name nothing, too much, and more than there is", () => {
    const ticks = tickTable([{ index: -60, liquidityNet: 1_000n }, { index: 60, liquidityNet: -1_000n }], 60);
    const pool: Concentrated = { feePips: 500, tickSpacing: 60, ticks, sqrtPriceX96: getSqrtRatioAtTick(0), tick: 0, liquidity: 1_000n };
    assert.throws(() => swapExactInput(pool, 0n, true), aRefusal("invalid_amount", /an input of 0/));
    assert.throws(() => swapExactOutput(pool, 1n << 255n, true), aRefusal("amount_overflow", /an output of/));
    assert.throws(() => swapExactInput(pool, 10n ** 18n, true), aRefusal("insufficient_liquidity", /liquidity ends \d+ before/));
    assert.throws(() => swapExactOutput(pool, 10n ** 18n, false), aRefusal("insufficient_liquidity", /exact output/));
  });
});
