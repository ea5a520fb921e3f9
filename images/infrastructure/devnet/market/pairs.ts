/** The order of a pool's tokens, and prices in it. Pure. */
import type { Address } from "viem";

/** Pools order their tokens by address. */
export function sortPair(a: Address, b: Address): { token0: Address; token1: Address } {
  return BigInt(a) < BigInt(b) ? { token0: a, token1: b } : { token0: b, token1: a };
}

/** Integer square root by Newton's method, rounded down. */
export function sqrt(value: bigint): bigint {
  let estimate = 1n << BigInt(Math.ceil(value.toString(2).length / 2));
  for (;;) {
    const next = (estimate + value / estimate) >> 1n;
    if (next >= estimate) return estimate;
    estimate = next;
  }
}

/** Square root of amount1 / amount0 as Uniswap V3 keeps it: times 2^96. */
export const sqrtPriceX96 = (amount0: bigint, amount1: bigint): bigint => sqrt((amount1 << 192n) / amount0);

/** Uniswap V3's TickMath. */
const MAX_TICK = 887_272;

/** Ticks around the current one, on the pool's grid; all of them for null. */
export function tickRange(current: number, halfWidth: number | null, spacing: number): { tickLower: number; tickUpper: number } {
  const widest = Math.floor(MAX_TICK / spacing) * spacing;
  if (halfWidth === null) return { tickLower: -widest, tickUpper: widest };
  return { tickLower: Math.floor((current - halfWidth) / spacing) * spacing, tickUpper: Math.ceil((current + halfWidth) / spacing) * spacing };
}
