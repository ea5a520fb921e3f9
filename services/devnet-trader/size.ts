/**
 * How much moves a pool's price. Estimates in floating point: a trader need not hit a price to the wei, only the same way each time,
 * and the operations used here are exact to the last bit on every machine (IEEE 754 requires it of these four and the square root).
 */
import type { PoolState } from "./market-view.ts";

/** Prices are token1's smallest units a smallest unit of token0. */
export function priceOf(state: PoolState): number {
  if (state.kind === "v2") return Number(state.reserve1) / Number(state.reserve0);
  const root = Number(state.sqrtPriceX96) / 2 ** 96;
  return root * root;
}

/** Whether the price would rise: then token1 is sold to the pool. */
export interface Move { sellsToken0: boolean; amountIn: bigint; sqrtPriceLimitX96: bigint }

const SCALE = 10 ** 9;

/** Where V3 stops at a price of its own, this is only what it may take at most. */
const V3_ALLOWANCE = 1.05;

/** @param ratio wanted price over the present one, not 1 */
export function moveBy(state: PoolState, ratio: number, feePpm: number): Move {
  const sellsToken0 = ratio < 1;
  const stretch = Math.sqrt(sellsToken0 ? 1 / ratio : ratio) - 1;
  const kept = 1 - feePpm / 1e6;
  if (state.kind === "v2") {
    const reserve = Number(sellsToken0 ? state.reserve0 : state.reserve1);
    return { sellsToken0, amountIn: whole(reserve * stretch / kept), sqrtPriceLimitX96: 0n };
  }
  // Virtual reserves of the present range (Uniswap V3 whitepaper, section 6.1): token0 = L / √P, token1 = L · √P.
  const root = Number(state.sqrtPriceX96) / 2 ** 96;
  const virtual = sellsToken0 ? Number(state.liquidity) / root : Number(state.liquidity) * root;
  const limit = state.sqrtPriceX96 * BigInt(Math.round(Math.sqrt(ratio) * SCALE)) / BigInt(SCALE);
  return { sellsToken0, amountIn: whole(virtual * stretch / kept * V3_ALLOWANCE), sqrtPriceLimitX96: limit };
}

const whole = (amount: number): bigint => BigInt(Math.floor(amount));
