/** Cycles over the market's pools, what they pay by the deployed quoters, and trades that push prices apart. */
import type { Address } from "viem";
import { draw } from "../../contract/seeded-draw.ts";
import type { MarketBook } from "../../contract/market.ts";
import { callAs, LENDER, NOBODY, PAIR, QUOTER, ROUTER, V3_ROUTER, VENUE, type Leg, type LenderName, type Plan, type Rig } from "./rig.ts";

export interface Pool { venue: number; address: Address; token0: Address; token1: Address; feePpm: number; router: Address }

export const poolsOf = (book: MarketBook): Pool[] => [
  ...book.uniswapV2.flatMap(({ pools, feePpm, router }) => pools.map((pool) => ({ ...pool, feePpm, router, venue: VENUE.UniswapV2 }))),
  ...book.uniswapV3.pools.map((pool) => ({ ...pool, router: book.uniswapV3.swapRouter, venue: VENUE.UniswapV3 })),
];

const other = (pool: Pool, token: Address): Address => (pool.token0 === token ? pool.token1 : pool.token0);
const pick = <T>(items: readonly T[], seed: string, label: string): T => items[Math.floor(draw(seed, label) * items.length)]!;

/** A walk over distinct pools that comes back to its start; null where it does not within `hops`. */
export function drawCycle(pools: readonly Pool[], start: Address, hops: number, seed: string): Leg[] | null {
  const legs: Leg[] = [];
  let at = start;
  for (let hop = 0; hop < hops; hop++) {
    const last = hop === hops - 1;
    const open = pools.filter((pool) => (pool.token0 === at || pool.token1 === at) && !legs.some((leg) => leg.pool === pool.address)
      && (last ? other(pool, at) === start : other(pool, at) !== start || hop > 0));
    if (open.length === 0) return null;
    const pool = pick(open, seed, `hop ${hop}`);
    legs.push({ venue: pool.venue, pool: pool.address, tokenIn: at, feePpm: pool.feePpm });
    at = other(pool, at);
    if (at === start && hop > 0) return legs;
  }
  return null;
}

/** Output of a leg by the router's own formula, or by QuoterV2, which swaps on the pool itself and takes it back. */
export async function quoteLeg(rig: Rig, leg: Leg, tokenOut: Address, amountIn: bigint): Promise<bigint> {
  const { url, owner, book } = rig;
  if (leg.venue === VENUE.UniswapV2) {
    const [reserve0, reserve1] = await owner.read<[bigint, bigint]>({ address: leg.pool, abi: PAIR }, "getReserves");
    const [reserveIn, reserveOut] = BigInt(leg.tokenIn) < BigInt(tokenOut) ? [reserve0, reserve1] : [reserve1, reserve0];
    return await owner.read<bigint>({ address: book.uniswapV2[0]!.router, abi: ROUTER }, "getAmountOut", amountIn, reserveIn, reserveOut);
  }
  const request = { tokenIn: leg.tokenIn, tokenOut, amountIn, fee: leg.feePpm, sqrtPriceLimitX96: 0n };
  const [out] = await callAs<[bigint]>(url, owner.from, { address: book.uniswapV3.quoter, abi: QUOTER }, "quoteExactInputSingle", [request]);
  return out;
}

export async function quoteCycle(rig: Rig, legs: readonly Leg[], amount: bigint): Promise<bigint> {
  let at = amount;
  for (const [index, leg] of legs.entries()) at = await quoteLeg(rig, leg, legs[(index + 1) % legs.length]!.tokenIn, at);
  return at;
}

/** What a lender takes: Aave rounds half up (PercentageMath), Uniswap V3 up (FullMath.mulDivRoundingUp). */
export function lenderFee(lender: LenderName, amount: bigint, feePpm: number): bigint {
  if (lender === "AaveV3") return (amount * 5n + 5_000n) / 10_000n;
  if (lender === "UniswapV3") return (amount * BigInt(feePpm) + 999_999n) / 1_000_000n;
  return 0n;
}

/** The cheapest V3 pool that holds the asset and is no leg. */
export const v3LenderOf = (rig: Rig, legs: readonly Leg[]): Pool | null =>
  poolsOf(rig.book).filter((pool) => pool.venue === VENUE.UniswapV3 && [pool.token0, pool.token1].includes(legs[0]!.tokenIn)
    && !legs.some((leg) => leg.pool === pool.address)).toSorted((a, b) => a.feePpm - b.feePpm)[0] ?? null;

let lastId = 0n;
export async function planOf(rig: Rig, lender: LenderName, legs: Leg[], amount: bigint, more: Partial<Plan> = {}): Promise<Plan> {
  const lenderPool = lender === "UniswapV3" ? v3LenderOf(rig, legs)!.address : NOBODY;
  return { id: ++lastId, deadlineBlock: await rig.blockNumber() + 100n, lender: LENDER[lender], lenderPool, amount, minProfit: 0n, legs, ...more };
}

/** The trader sells `amountIn` of a token to a pool. */
export async function sell(rig: Rig, pool: Pool, tokenIn: Address, amountIn: bigint): Promise<void> {
  const { trader } = rig;
  const tokenOut = other(pool, tokenIn);
  const recipient = trader.from;
  if (pool.venue === VENUE.UniswapV2) {
    await trader.send({ address: pool.router, abi: ROUTER }, "swapExactTokensForTokens", amountIn, 0n, [tokenIn, tokenOut], recipient, 2n ** 64n);
  } else {
    await trader.send({ address: pool.router, abi: V3_ROUTER }, "exactInputSingle",
      { tokenIn, tokenOut, fee: pool.feePpm, recipient, deadline: 2n ** 64n, amountIn, amountOutMinimum: 0n, sqrtPriceLimitX96: 0n });
  }
}

export function findPool(rig: Rig, a: string, b: string, which: { venue: number; feePpm?: number; router?: Address }): Pool {
  const tokens = [rig.token(a), rig.token(b)];
  return poolsOf(rig.book).find((pool) => tokens.includes(pool.token0) && tokens.includes(pool.token1) && pool.venue === which.venue
    && (which.feePpm === undefined || pool.feePpm === which.feePpm) && (which.router === undefined || pool.router === which.router))!;
}

export const legOn = (pool: Pool, tokenIn: Address): Leg => ({ venue: pool.venue, pool: pool.address, tokenIn, feePpm: pool.feePpm });
