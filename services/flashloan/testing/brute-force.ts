/** The best size of a cycle by trying every one: slow, and independent of what it checks. */
import { premiumOf, type Premium } from "../lenders/premium.ts";
import { pathOutput, type Leg } from "../pools/leg.ts";

/** The greatest profit of all sizes from 1 to `most`; 0 where none earns anything. */
export function bruteForceProfit(legs: readonly Leg[], premium: Premium, most: bigint): bigint {
  let best = 0n;
  for (let amountIn = 1n; amountIn <= most; amountIn++) {
    const profit = pathOutput(legs, amountIn) - amountIn - premiumOf(amountIn, premium);
    if (profit > best) best = profit;
  }
  return best;
}
