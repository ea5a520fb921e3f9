import assert from "node:assert/strict";
import { getSqrtRatioAtTick } from "../amm/tick-math.ts";
import { tokenNumber } from "../testing/pools.ts";
import { aRefusal } from "../testing/refusals.ts";
import { admit, pairPool, rangePool, type PairPool, type RangePool } from "./pool.ts";
import { demandTradable, token } from "./token.ts";

const [token0, token1] = [tokenNumber(0), tokenNumber(1)];
const pair = (state: Partial<PairPool> = {}) => pairPool({ id: "0xAB", token0, token1, feePips: 3_000, reserve0: 1n, reserve1: 1n, ...state });
type RangeState = Parameters<typeof rangePool>[0];
const range = (state: Partial<RangeState> = {}): RangePool => rangePool({
  id: "0xAB", token0, token1, feePips: 500, tickSpacing: 10, tick: 5, sqrtPriceX96: getSqrtRatioAtTick(5), liquidity: 7n,
  ticks: [{ index: 0, liquidityNet: 7n }, { index: 10, liquidityNet: -7n }], ...state,
});

describe("a pool", () => {
  it("is taken as a chain tells it, its address in lower case", () => {
    assert.deepEqual([pair().kind, pair().id, range().kind, range().liquidity], ["v2", "0xab", "v3", 7n]);
    // A price that came down to tick 10 exactly: the pool tells the tick below.
    assert.equal(range({ tick: 9, sqrtPriceX96: getSqrtRatioAtTick(10) }).tick, 9);
  });

  it("is refused with reserves, fees, tokens or ticks that cannot be", () => {
    assert.throws(() => pair({ reserve0: 0n }), aRefusal("invalid_reserves", /reserve of 0/));
    assert.throws(() => pair({ reserve1: 1n << 112n }), aRefusal("invalid_reserves", /uint112/));
    assert.throws(() => pair({ feePips: -1 }), aRefusal("invalid_fee", /-1 pips/));
    assert.throws(() => pair({ token0: token1, token1: token0 }), aRefusal("invalid_token", /in the order of their addresses/));
    assert.throws(() => range({ sqrtPriceX96: 0n }), aRefusal("invalid_price", /nobody initialised/));
    assert.throws(() => range({ tick: 6 }), aRefusal("invalid_price", /not of the same moment/));
    assert.throws(() => range({ liquidity: 8n }), aRefusal("invalid_liquidity", /add up to 7: a tick is missing/));
    assert.throws(() => range({ ticks: [{ index: 5, liquidityNet: 7n }] }), aRefusal("invalid_ticks", /a multiple of the spacing 10/));
  });

  it("is left out and counted among many, and other errors are not swallowed", () => {
    const admitted = admit([1n, 0n, 5n, 0n], (reserve0) => pair({ reserve0 }));
    assert.deepEqual([admitted.pools.map(({ reserve0 }) => reserve0), admitted.refused], [[1n, 5n], { invalid_reserves: 2 }]);
    assert.throws(() => admit([1], () => { throw new TypeError("a mistake"); }), TypeError);
  });
});

describe("a token", () => {
  it("has an address and 0 to 30 decimals", () => {
    assert.equal(token(`0x${"A".repeat(40)}`, 30, "X").address, `0x${"a".repeat(40)}`);
    assert.throws(() => token("0x12", 18), aRefusal("invalid_token", /40 hexadecimal digits/));
    for (const decimals of [-1, 31, 1.5, NaN]) assert.throws(() => token(token0.address, decimals), aRefusal("invalid_token", /from 0 to 30/));
  });

  it("is traded with 1 to 29, unless asked otherwise", () => {
    for (const decimals of [1, 29]) demandTradable(token(token0.address, decimals));
    for (const decimals of [0, 30]) {
      assert.throws(() => demandTradable(token(token0.address, decimals)), aRefusal("untradable_token", /leave its pools out/));
      demandTradable(token(token0.address, decimals), { least: 0, most: 30 });
    }
  });
});
