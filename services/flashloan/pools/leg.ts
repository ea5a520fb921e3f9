/** One swap of a path, in exact integers, whatever kind of pool it is on. */
import { leastInputFor, outputOf } from "../amm/constant-product.ts";
import { swap } from "../amm/concentrated.ts";
import { MAX_INT256, MAX_UINT112, PIPS } from "../integer.ts";
import type { Pool } from "./pool.ts";
import type { Token } from "./token.ts";

export interface Leg {
  readonly pool: Pool;
  /** Token 0 goes in, token 1 comes out. */
  readonly zeroForOne: boolean;
}

export const tokenIn = ({ pool, zeroForOne }: Leg): Token => (zeroForOne ? pool.token0 : pool.token1);
export const tokenOut = ({ pool, zeroForOne }: Leg): Token => (zeroForOne ? pool.token1 : pool.token0);

/** What comes out for exactly `amountIn`; 0 where the contract would revert, or would not take all of it. */
export function legOutput({ pool, zeroForOne }: Leg, amountIn: bigint): bigint {
  if (amountIn <= 0n || amountIn > MAX_INT256) return 0n;
  if (pool.kind === "v3") {
    const { amountOut, unfilled } = swap(pool, amountIn, zeroForOne);
    return unfilled === 0n ? amountOut : 0n;
  }
  const [reserveIn, reserveOut] = zeroForOne ? [pool.reserve0, pool.reserve1] : [pool.reserve1, pool.reserve0];
  return amountIn > MAX_UINT112 - reserveIn ? 0n : outputOf(amountIn, reserveIn, reserveOut, PIPS - BigInt(pool.feePips));
}

/** The least input for which at least `amountOut` comes out; null where the pool cannot give it. */
export function legLeastInput(leg: Leg, amountOut: bigint): bigint | null {
  const { pool, zeroForOne } = leg;
  if (amountOut <= 0n || amountOut > MAX_INT256) return null;
  if (pool.kind === "v3") {
    const quoted = swap(pool, amountOut, zeroForOne, false);
    return quoted.unfilled > 0n ? null : leastBelow(leg, quoted.amountIn, amountOut);
  }
  const [reserveIn, reserveOut] = zeroForOne ? [pool.reserve0, pool.reserve1] : [pool.reserve1, pool.reserve0];
  const least = leastInputFor(amountOut, reserveIn, reserveOut, PIPS - BigInt(pool.feePips));
  return least === null || least > MAX_UINT112 - reserveIn ? null : least;
}

/**
 * A V3 pool's price for an exact output may be some units above the least input that gives it, and never below. Output
 * grows with input, so the least lies between a bound that is too small, found by doubling, and the quoted one.
 */
function leastBelow(leg: Leg, quoted: bigint, amountOut: bigint): bigint {
  const enough = (amountIn: bigint): boolean => legOutput(leg, amountIn) >= amountOut;
  let [tooSmall, high, reach] = [quoted - 1n, quoted, 1n];
  while (tooSmall > 0n && enough(tooSmall)) {
    [high, reach] = [tooSmall, reach * 2n];
    tooSmall -= reach;
  }
  let low = tooSmall < 0n ? 0n : tooSmall;
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (enough(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** Swaps one after the other; 0 where any of them gives nothing. */
export function pathOutput(legs: readonly Leg[], amountIn: bigint): bigint {
  let amount = amountIn;
  for (const leg of legs) {
    amount = legOutput(leg, amount);
    if (amount === 0n) return 0n;
  }
  return amount;
}

/** The least input of a path that gives at least `amountOut` at its end; null where none does. */
export function pathLeastInput(legs: readonly Leg[], amountOut: bigint): bigint | null {
  let amount: bigint | null = amountOut;
  for (let at = legs.length - 1; at >= 0 && amount !== null; at--) amount = legLeastInput(legs[at]!, amount);
  return amount;
}
