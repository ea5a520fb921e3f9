/** One step of a swap, within one range of liquidity. SwapMath.sol of v3-core 1.0.1, bit for bit. */
import { ceilDiv, PIPS } from "../integer.ts";
import { getAmount0Delta, getAmount1Delta, getNextSqrtPriceFromInput, getNextSqrtPriceFromOutput } from "./sqrt-price-math.ts";

export interface SwapStep {
  /** √P in Q64.96 after the step. */
  sqrtPriceX96: bigint;
  /** Without the fee. */
  amountIn: bigint;
  amountOut: bigint;
  feeAmount: bigint;
}

/**
 * `SwapMath.computeSwapStep`: towards `target`, as far as what remains allows.
 *
 * @param remaining what is left of an exact input, positive, or of an exact output, negative
 */
export function computeSwapStep(current: bigint, target: bigint, liquidity: bigint, remaining: bigint, feePips: bigint): SwapStep {
  const zeroForOne = current >= target;
  const exactIn = remaining >= 0n;
  const amountInTo = (price: bigint): bigint => (zeroForOne ? getAmount0Delta(price, current, liquidity, true) : getAmount1Delta(current, price, liquidity, true));
  const amountOutTo = (price: bigint): bigint => (zeroForOne ? getAmount1Delta(price, current, liquidity, false) : getAmount0Delta(current, price, liquidity, false));

  if (exactIn) {
    const kept = (remaining * (PIPS - feePips)) / PIPS;
    const whole = amountInTo(target);
    const sqrtPriceX96 = kept >= whole ? target : getNextSqrtPriceFromInput(current, liquidity, kept, zeroForOne);
    const amountIn = sqrtPriceX96 === target ? whole : amountInTo(sqrtPriceX96);
    // Short of the target the input is used up: what the price did not take is the fee.
    const feeAmount = sqrtPriceX96 === target ? ceilDiv(amountIn * feePips, PIPS - feePips) : remaining - amountIn;
    return { sqrtPriceX96, amountIn, amountOut: amountOutTo(sqrtPriceX96), feeAmount };
  }
  const whole = amountOutTo(target);
  const sqrtPriceX96 = -remaining >= whole ? target : getNextSqrtPriceFromOutput(current, liquidity, -remaining, zeroForOne);
  const amountIn = amountInTo(sqrtPriceX96);
  const amountOut = sqrtPriceX96 === target ? whole : amountOutTo(sqrtPriceX96);
  return { sqrtPriceX96, amountIn, amountOut: amountOut > -remaining ? -remaining : amountOut, feeAmount: ceilDiv(amountIn * feePips, PIPS - feePips) };
}
