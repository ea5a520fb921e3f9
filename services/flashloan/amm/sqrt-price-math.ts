/**
 * Amounts and prices within one range of liquidity. SqrtPriceMath.sol of v3-core 1.0.1, bit for bit; Adams et al.: Uniswap
 * v3 Core (2021), §6.2.3. Prices are √P in Q64.96, rounded so that the pool never gives more than it got paid for.
 */
import { ceilDiv, MAX_UINT160, MAX_UINT256 } from "../integer.ts";
import { demand } from "../refusal.ts";
import { Q96 } from "./tick-math.ts";

/** Amount of token 0 between two prices: L·(1/√lower − 1/√upper). */
export function getAmount0Delta(sqrtA: bigint, sqrtB: bigint, liquidity: bigint, roundUp: boolean): bigint {
  const [lower, upper] = sqrtA > sqrtB ? [sqrtB, sqrtA] : [sqrtA, sqrtB];
  const product = (liquidity << 96n) * (upper - lower);
  return roundUp ? ceilDiv(ceilDiv(product, upper), lower) : product / upper / lower;
}

/** Amount of token 1 between two prices: L·(√upper − √lower). */
export function getAmount1Delta(sqrtA: bigint, sqrtB: bigint, liquidity: bigint, roundUp: boolean): bigint {
  const product = liquidity * (sqrtA > sqrtB ? sqrtA - sqrtB : sqrtB - sqrtA);
  return roundUp ? ceilDiv(product, Q96) : product / Q96;
}

/** @throws {Refusal} `amount_overflow` where the contract's price would leave uint160 */
export function getNextSqrtPriceFromInput(sqrtPrice: bigint, liquidity: bigint, amountIn: bigint, zeroForOne: boolean): bigint {
  return zeroForOne ? afterAdding0(sqrtPrice, liquidity, amountIn) : afterAdding1(sqrtPrice, liquidity, amountIn);
}

/** @throws {Refusal} `insufficient_liquidity` where the range does not hold that much */
export function getNextSqrtPriceFromOutput(sqrtPrice: bigint, liquidity: bigint, amountOut: bigint, zeroForOne: boolean): bigint {
  return zeroForOne ? afterRemoving1(sqrtPrice, liquidity, amountOut) : afterRemoving0(sqrtPrice, liquidity, amountOut);
}

function afterAdding0(sqrtPrice: bigint, liquidity: bigint, amount: bigint): bigint {
  if (amount === 0n) return sqrtPrice;
  const shifted = liquidity << 96n;
  const product = amount * sqrtPrice;
  // In uint256 the exact formula can overflow; the contract then divides first, and so rounds differently.
  if (product <= MAX_UINT256 && shifted + product <= MAX_UINT256) return ceilDiv(shifted * sqrtPrice, shifted + product);
  return ceilDiv(shifted, shifted / sqrtPrice + amount);
}

function afterRemoving0(sqrtPrice: bigint, liquidity: bigint, amount: bigint): bigint {
  const shifted = liquidity << 96n;
  const product = amount * sqrtPrice;
  demand(product <= MAX_UINT256 && shifted > product, "insufficient_liquidity", () => `an output of ${amount} of token 0: liquidity ${liquidity} does not hold it`);
  return demandUint160(ceilDiv(shifted * sqrtPrice, shifted - product));
}

const afterAdding1 = (sqrtPrice: bigint, liquidity: bigint, amount: bigint): bigint => demandUint160(sqrtPrice + (amount << 96n) / liquidity);

function afterRemoving1(sqrtPrice: bigint, liquidity: bigint, amount: bigint): bigint {
  const quotient = ceilDiv(amount << 96n, liquidity);
  demand(sqrtPrice > quotient, "insufficient_liquidity", () => `an output of ${amount} of token 1: liquidity ${liquidity} does not hold it`);
  return sqrtPrice - quotient;
}

function demandUint160(sqrtPrice: bigint): bigint {
  demand(sqrtPrice <= MAX_UINT160, "amount_overflow", () => `a square-root price of ${sqrtPrice}: at most 2^160 - 1`);
  return sqrtPrice;
}
