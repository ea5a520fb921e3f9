/**
 * Uniswap V2 and its forks: x·y = k with a fee on what comes in, in the integers of the contracts.
 *
 * Adams, Zinsmeister, Robinson: Uniswap v2 Core (2020), §3.2.1; UniswapV2Library.sol of v2-periphery 1.1.0. A fee in pips
 * gives the very integers of the library's 997/1000, because a factor on both sides of the fraction moves no floor.
 */
import { ceilDiv, demandAmount, demandFee, MAX_UINT112, PIPS } from "../integer.ts";
import { demand } from "../refusal.ts";

/** What a swap of `amountIn` gives, floored; 0 where it gives nothing. Arguments are taken as they are. */
export function outputOf(amountIn: bigint, reserveIn: bigint, reserveOut: bigint, keepPips: bigint): bigint {
  const kept = amountIn * keepPips;
  return (kept * reserveOut) / (reserveIn * PIPS + kept);
}

/**
 * The least input that gives at least `amountOut`; null where no input does. One less than the contract's `getAmountIn`
 * where the division leaves no rest: that function adds 1 in any case.
 */
export function leastInputFor(amountOut: bigint, reserveIn: bigint, reserveOut: bigint, keepPips: bigint): bigint | null {
  return amountOut >= reserveOut ? null : ceilDiv(amountOut * reserveIn * PIPS, (reserveOut - amountOut) * keepPips);
}

/**
 * `UniswapV2Library.getAmountOut`.
 *
 * @throws {Refusal} `invalid_amount`, `invalid_reserves`, `invalid_fee`; `amount_overflow` where the pair's reserve would leave uint112
 */
export function getAmountOut(amountIn: bigint, reserveIn: bigint, reserveOut: bigint, feePips: number): bigint {
  demandReserves(reserveIn, reserveOut);
  demandFee(feePips);
  demandAmount(amountIn, MAX_UINT112 - reserveIn, "an input");
  return outputOf(amountIn, reserveIn, reserveOut, PIPS - BigInt(feePips));
}

/**
 * `UniswapV2Library.getAmountIn`: what the router charges for an exact output.
 *
 * @throws {Refusal} as `getAmountOut`; `insufficient_liquidity` where the output is all of the reserve or more
 */
export function getAmountIn(amountOut: bigint, reserveIn: bigint, reserveOut: bigint, feePips: number): bigint {
  demandReserves(reserveIn, reserveOut);
  demandFee(feePips);
  demandAmount(amountOut, MAX_UINT112, "an output");
  demand(amountOut < reserveOut, "insufficient_liquidity", () => `an output of ${amountOut}: the pool holds ${reserveOut}, and not all of it is for sale`);
  const amountIn = (reserveIn * amountOut * PIPS) / ((reserveOut - amountOut) * (PIPS - BigInt(feePips))) + 1n;
  demandAmount(amountIn, MAX_UINT112 - reserveIn, "the input that this output takes");
  return amountIn;
}

/** @throws {Refusal} `invalid_reserves` unless both fit the pair's uint112 and neither is empty */
export function demandReserves(reserve0: bigint, reserve1: bigint): void {
  for (const reserve of [reserve0, reserve1]) {
    demand(reserve > 0n && reserve <= MAX_UINT112, "invalid_reserves", () => `a reserve of ${reserve}: from 1 to ${MAX_UINT112} (uint112); leave an empty pool out`);
  }
}
