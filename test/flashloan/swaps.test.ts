import assert from "node:assert/strict";
import type { Address, Hex } from "viem";
import { draw } from "../../contract/seeded-draw.ts";
import { rpc } from "../../images/infrastructure/devnet/market/builder.ts";
import { swap } from "../../services/flashloan/amm/concentrated.ts";
import { legOutput } from "../../services/flashloan/pools/leg.ts";
import { pairPool, type PairPool, type RangePool } from "../../services/flashloan/pools/pool.ts";
import { readPairs, readRangePools } from "./market-state.ts";
import { startSwapRig, type PairTrade, type PoolTrade, type SwapRig } from "./swap-rig.ts";

/** Whoever fails prints it with the number of the batch; another one draws other swaps. */
const SEED = "swaps";
const BATCHES = 30;
/** Each batch, of either version. */
const SWAPS = 200;

/** A whole number of any magnitude up to so many bits. */
const drawBits = (seed: string, label: string, least: number, most: number): bigint => {
  const bits = least + draw(seed, `${label} bits`) * (most - least);
  return BigInt(Math.floor(2 ** (bits % 1) * 2 ** 40)) << BigInt(Math.floor(bits)) >> 40n;
};
const atLeast1 = (value: bigint): bigint => (value > 0n ? value : 1n);

describe("swaps on the deployed contracts", function () {
  this.timeout(240_000);
  let rig: SwapRig;
  before(async () => { rig = await startSwapRig(SEED); });
  after(() => rig?.stop());

  it(`give on Uniswap V2 what the library says and not one unit more, ${BATCHES * SWAPS} swaps on pairs of both factories`, async () => {
    const seen = { given: 0, nothing: 0, pairs: new Set<string>(), down: 0 };
    const known = await readPairs(rig.url, rig.book, await rpc<Hex>(rig.url, "eth_blockNumber"));
    for (let batch = 0; batch < BATCHES; batch++) {
      const seed = `${SEED} ${batch}`;
      const pools = known.map((pool): PairPool => pairPool({ ...pool,
        reserve0: atLeast1(drawBits(seed, `${pool.id} 0`, 1, 111)), reserve1: atLeast1(drawBits(seed, `${pool.id} 1`, 1, 111)) }));
      const trades = Array.from({ length: SWAPS }, (_, number): PairTrade => {
        const pool = pools[Math.floor(draw(seed, `pool ${number}`) * pools.length)]!;
        const zeroForOne = draw(seed, `side ${number}`) < 0.5;
        const amountIn = atLeast1(drawBits(seed, `amount ${number}`, 0, 113));
        return { pair: pool.id as Address, tokenIn: (zeroForOne ? pool.token0 : pool.token1).address as Address, zeroForOne, amountIn, amountOut: legOutput({ pool, zeroForOne }, amountIn) };
      });
      const { given, more } = await rig.askPairs(pools, trades);
      trades.forEach((trade, number) => {
        const pool = pools.find(({ id }) => id === trade.pair)!;
        const about = `seed "${seed}", swap ${number}: ${trade.amountIn} of token ${trade.zeroForOne ? 0 : 1} into ${pool.reserve0}/${pool.reserve1} for ${trade.amountOut}`;
        assert.deepEqual([given[number], more[number]], [trade.amountOut > 0n, false], about);
        seen[trade.amountOut > 0n ? "given" : "nothing"]++;
        if (trade.zeroForOne) seen.down++;
        seen.pairs.add(trade.pair);
      });
    }
    console.log(`      V2: ${seen.given} swaps given to the unit, ${seen.nothing} that give nothing refused, ${seen.pairs.size} pairs`);
    assert.ok(seen.given > BATCHES * SWAPS / 2 && seen.nothing > 100 && seen.down > BATCHES * SWAPS / 3 && seen.pairs.size === known.length);
  });

  it(`take, give and leave on Uniswap V3 what the library says, ${BATCHES * SWAPS} swaps across ticks, gaps and the end of liquidity`, async () => {
    const seen = { swaps: 0, crossing: 0, gaps: 0, dry: 0, down: 0, tiers: new Set<number>() };
    for (let batch = 0; batch < BATCHES; batch++) {
      const seed = `${SEED} ${batch}`;
      const before = await readRangePools(rig.url, rig.book, await rpc<Hex>(rig.url, "eth_blockNumber"), rig.places);
      for (const pool of before) {
        if (draw(seed, `whether ${pool.id}`) < 0.4) await rig.moveTo(pool, anotherTick(pool, seed));
      }
      const pools = await readRangePools(rig.url, rig.book, await rpc<Hex>(rig.url, "eth_blockNumber"), rig.places);
      const drawn = Array.from({ length: SWAPS }, (_, number) => {
        // Half on the few whose liquidity ends.
        const bounded = draw(seed, `kind ${number}`) < 0.5;
        const some = bounded ? pools.slice(rig.book.uniswapV3.pools.length) : pools.slice(0, rig.book.uniswapV3.pools.length);
        return { pool: some[Math.floor(draw(seed, `pool ${number}`) * some.length)]!, zeroForOne: draw(seed, `side ${number}`) < 0.5, amountIn: atLeast1(drawBits(seed, `amount ${number}`, 0, 90)) };
      });
      const results = await rig.askPools(drawn.map(({ pool, zeroForOne, amountIn }): PoolTrade =>
        ({ pool: pool.id as Address, tokenIn: (zeroForOne ? pool.token0 : pool.token1).address as Address, zeroForOne, amountIn })));
      drawn.forEach(({ pool, zeroForOne, amountIn }, number) => {
        const { done, ...result } = results[number]!;
        const about = `seed "${seed}", swap ${number}: ${amountIn} of token ${zeroForOne ? 0 : 1} into ${pool.id} at tick ${pool.tick}`;
        const ours = swap(pool, amountIn, zeroForOne);
        assert.ok(done, about);
        assert.deepEqual(result, { amountIn: ours.amountIn, amountOut: ours.amountOut, ...ours.after }, about);
        assert.equal(ours.amountIn + ours.unfilled, amountIn, about);
        seen.swaps++;
        seen.tiers.add(pool.feePips);
        if (zeroForOne) seen.down++;
        if (ours.crossed > 0) seen.crossing++;
        if (pool.liquidity === 0n) seen.gaps++;
        if (ours.unfilled > 0n) seen.dry++;
      });
    }
    console.log(`      V3: ${seen.swaps} swaps equal, ${seen.crossing} across ticks, ${seen.dry} to the end of the liquidity, ${seen.gaps} begun in a gap, fees ${[...seen.tiers].sort((a, b) => a - b).join(" ")}`);
    assert.ok(seen.crossing > 1_000 && seen.dry > 200 && seen.gaps > 50 && seen.down > seen.swaps / 3 && seen.tiers.size === 4, JSON.stringify(seen));
  });
});

/** Within the pool's positions that do not reach over all prices, and a bit beyond. */
function anotherTick({ ticks, tickSpacing, id }: RangePool, seed: string): number {
  const near = [...ticks.index].filter((tick) => Math.abs(tick) < 880_000);
  const [low, high] = [near[0]! - 5 * tickSpacing, near.at(-1)! + 5 * tickSpacing];
  return low + Math.floor(draw(seed, `tick ${id}`) * (high - low));
}
