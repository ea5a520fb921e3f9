import assert from "node:assert/strict";
import type { Address } from "viem";
import { MarketBook } from "../../contract/market.ts";
import { decide } from "./decide.ts";
import { baseFeeWei, fairPrice } from "./fair-prices.ts";
import type { MarketView, PoolView } from "./market-view.ts";
import { moveBy, priceOf } from "./size.ts";

const at = (digit: string): Address => `0x${digit.repeat(40)}`;
const [A, B, POOL, ROUTER] = [at("a"), at("b"), at("1"), at("2")];
const book = {
  tokens: [{ address: A, symbol: "AAA", decimals: 18, startPriceUsd: 2_000 }, { address: B, symbol: "BBB", decimals: 6, startPriceUsd: 1 }],
} as unknown as MarketBook;

/** 1 000 AAA, and as many BBB as `price` says. */
const pool = (price: number): PoolView => ({
  address: POOL, token0: A, token1: B, feePpm: 3_000, router: ROUTER,
  state: { kind: "v2", reserve0: 1_000n * 10n ** 18n, reserve1: BigInt(Math.round(price * 1_000)) * 10n ** 6n },
});
const RICH = new Map([[A, 10n ** 30n], [B, 10n ** 30n]]);
const view = (blockNumber: number, price: number, balances: ReadonlyMap<Address, bigint> = RICH): MarketView => ({ blockNumber, pools: [pool(price)], balances });
const BLOCKS = Array.from({ length: 400 }, (_, index) => index);

describe("the trader's decision", () => {
  it("is the same for the same seed and view, and another for another seed or block", () => {
    const decisions = (seed: string): unknown[] => BLOCKS.map((block) => decide(book, view(block, 2_100), seed));
    assert.deepEqual(decisions("one"), decisions("one"));
    assert.notDeepEqual(decisions("one"), decisions("two"));
    assert.ok(new Set(BLOCKS.map((block) => decide(book, view(block, 2_100), "one").trades[0]?.amountIn)).size > 100);
  });

  it("mostly brings a price back that is off, whichever way", () => {
    const sides = (price: number): number => BLOCKS.filter((block) => decide(book, view(block, price), "seed").trades[0]?.tokenIn === A).length;
    assert.ok(sides(2_400) > BLOCKS.length * 0.75, "dear: it sells");
    assert.ok(sides(1_700) < BLOCKS.length * 0.25, "cheap: it buys");
  });

  it("moves no price by more than a twentieth at once", () => {
    for (const price of [100, 2_000, 40_000]) {
      for (const block of BLOCKS) {
        for (const { tokenIn, amountIn, pool: { state } } of decide(book, view(block, price), "seed").trades) {
          if (state.kind !== "v2") throw new Error("not reached");
          const reserve = tokenIn === A ? state.reserve0 : state.reserve1;
          assert.ok(Number(amountIn) / Number(reserve) < 0.0265, `${amountIn} of ${reserve}`);
        }
      }
    }
  });

  it("spends nothing that it does not have", () => {
    const poor = new Map([[A, 1n], [B, 1n]]);
    const decisions = BLOCKS.map((block) => decide(book, view(block, 2_200, poor), "seed"));
    assert.ok(decisions.every(({ trades }) => trades.length === 0));
    assert.ok(decisions.every(({ skipped }) => skipped[0]?.reason === "no-funds"));
  });
});

describe("the worth of a token", () => {
  it("wanders near its start, moves little from block to block, and is tied for what is pegged", () => {
    const worth = BLOCKS.map((block) => fairPrice("seed", "AAA", 2_000, block));
    assert.ok(worth.every((value) => Math.abs(value / 2_000 - 1) <= 0.034));
    assert.ok(Math.max(...worth) / Math.min(...worth) > 1.01, "it does move");
    assert.ok(worth.every((value, index) => index === 0 || Math.abs(value / worth[index - 1]! - 1) < 0.003));
    assert.ok(BLOCKS.every((block) => Math.abs(fairPrice("seed", "BBB", 1, block) - 1) < 0.001));
  });
});

describe("the base fee", () => {
  it("moves between 1 and 25 gwei, a little each block", () => {
    const gwei = Array.from({ length: 2_000 }, (_, block) => Number(baseFeeWei("seed", block)) / 1e9);
    assert.ok(Math.min(...gwei) >= 1 && Math.max(...gwei) <= 25 && Math.max(...gwei) > 10 && Math.min(...gwei) < 3);
    assert.ok(gwei.every((value, index) => index === 0 || Math.abs(value - gwei[index - 1]!) < 1));
  });
});

describe("the size of a trade", () => {
  it("brings a V2 pair to the price that was wanted", () => {
    for (const ratio of [0.96, 0.999, 1.001, 1.04]) {
      const { state } = pool(2_000);
      if (state.kind !== "v2") throw new Error("not reached");
      const { sellsToken0, amountIn } = moveBy(state, ratio, 0);
      const [reserveIn, reserveOut] = sellsToken0 ? [state.reserve0, state.reserve1] : [state.reserve1, state.reserve0];
      const [after, before] = [reserveIn + amountIn, reserveOut - reserveOut * amountIn / (reserveIn + amountIn)];
      const moved = priceOf({ kind: "v2", reserve0: sellsToken0 ? after : before, reserve1: sellsToken0 ? before : after }) / priceOf(state);
      assert.ok(Math.abs(moved - ratio) < 1e-6, `${moved} instead of ${ratio}`);
    }
  });

  it("has a V3 pool stop at the price, on the right side of the present one", () => {
    const state = { kind: "v3", sqrtPriceX96: 2n ** 96n, liquidity: 10n ** 24n } as const;
    assert.ok(moveBy(state, 1.02, 500).sqrtPriceLimitX96 > state.sqrtPriceX96);
    assert.ok(moveBy(state, 0.98, 500).sqrtPriceLimitX96 < state.sqrtPriceX96);
    const limit = Number(moveBy(state, 1.02, 500).sqrtPriceLimitX96) / 2 ** 96;
    assert.ok(Math.abs(limit * limit - 1.02) < 1e-8);
  });
});
