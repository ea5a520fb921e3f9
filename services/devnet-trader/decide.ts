/** What to trade at a block. Pure: the same seed and the same view give the same trades. */
import type { Address } from "viem";
import type { MarketBook } from "../../contract/market.ts";
import { draw } from "../../contract/seeded-draw.ts";
import { fairPrice } from "./fair-prices.ts";
import type { MarketView, PoolView } from "./market-view.ts";
import { moveBy, priceOf } from "./size.ts";

export interface Trade {
  pool: PoolView;
  tokenIn: Address;
  tokenOut: Address;
  amountIn: bigint;
  /** Where a V3 pool stops; 0 for a V2 pair. */
  sqrtPriceLimitX96: bigint;
}
/** What was left undone, and why. */
export interface Skipped { pool: Address; reason: "no-need" | "no-funds" }
export interface Decision { trades: Trade[]; skipped: Skipped[] }

const MOST_TRADES = 3;
/** Share of the trades that push a pool away from its tokens' worth. */
const PUSHES = 0.25;
/** A push in multiples of the pool's fee, and what is added for the fees of the other pools of a cycle. */
const PUSH = { least: 1.5, most: 6, more: 0.002 };
/** A pool further off is brought nearer in several trades, as by several people. */
const FURTHEST = 0.05;
/** Below that nobody would bother. */
const WORTH_TRADING = 0.0005;

export function decide(book: MarketBook, view: MarketView, seed: string): Decision {
  const roll = (label: string): number => draw(seed, `block ${view.blockNumber} ${label}`);
  const worth = new Map(book.tokens.map(({ address, symbol, startPriceUsd, decimals }) =>
    [address, { perUnit: fairPrice(seed, symbol, startPriceUsd, view.blockNumber) / 10 ** decimals }] as const));
  const left = new Map(view.balances);
  const open = [...view.pools];
  const decision: Decision = { trades: [], skipped: [] };
  for (let number = 0, count = 1 + Math.floor(roll("count") * MOST_TRADES); number < count && open.length > 0; number++) {
    const [pool] = open.splice(Math.floor(roll(`pool ${number}`) * open.length), 1) as [PoolView];
    const fair = worth.get(pool.token0)!.perUnit / worth.get(pool.token1)!.perUnit;
    const wanted = roll(`kind ${number}`) < PUSHES
      ? 1 + push(pool.feePpm, roll(`push ${number}`)) * (roll(`side ${number}`) < 0.5 ? -1 : 1)
      : fair / priceOf(pool.state);
    const ratio = Math.min(1 + FURTHEST, Math.max(1 - FURTHEST, wanted));
    if (Math.abs(ratio - 1) < WORTH_TRADING) {
      decision.skipped.push({ pool: pool.address, reason: "no-need" });
      continue;
    }
    const { sellsToken0, amountIn, sqrtPriceLimitX96 } = moveBy(pool.state, ratio, pool.feePpm);
    const [tokenIn, tokenOut] = sellsToken0 ? [pool.token0, pool.token1] : [pool.token1, pool.token0];
    const funds = left.get(tokenIn) ?? 0n;
    if (amountIn <= 0n || amountIn > funds) {
      decision.skipped.push({ pool: pool.address, reason: "no-funds" });
      continue;
    }
    left.set(tokenIn, funds - amountIn);
    decision.trades.push({ pool, tokenIn, tokenOut, amountIn, sqrtPriceLimitX96 });
  }
  return decision;
}

const push = (feePpm: number, roll: number): number => (feePpm / 1e6) * (PUSH.least + (PUSH.most - PUSH.least) * roll) + PUSH.more;
