/** Others on the same market: who tries everything, and who tries a few sizes. Neither knows a closed form. */
import { gasCost, gasOf, type GasPrice } from "../lenders/gas.ts";
import { termsOf, type Lender } from "../lenders/lender.ts";
import { premiumOf } from "../lenders/premium.ts";
import { pathOutput, tokenIn, tokenOut, type Leg } from "../pools/leg.ts";
import type { Pool } from "../pools/pool.ts";

export interface Costs { lender: Lender; gasPrice: GasPrice }

/** Every walk over distinct pools and tokens that comes back to the base within so many swaps. */
export function everyCycle(pools: readonly Pool[], base: string, mostHops: number): Leg[][] {
  const found: Leg[][] = [];
  const walk = (legs: readonly Leg[], at: string): void => {
    for (const pool of pools) {
      if (legs.some((leg) => leg.pool === pool) || (pool.token0.address !== at && pool.token1.address !== at)) continue;
      const next = [...legs, { pool, zeroForOne: pool.token0.address === at }];
      const reached = tokenOut(next.at(-1)!).address;
      if (reached === base && next.length > 1) found.push(next);
      else if (reached !== base && next.length < mostHops && !legs.some((leg) => tokenIn(leg).address === reached)) walk(next, reached);
    }
  };
  walk([], base);
  return found;
}

/** What is left of a trade of that size after premium and gas. */
export function netOf(legs: readonly Leg[], amountIn: bigint, { lender, gasPrice }: Costs): bigint {
  const { premium, firstLegLends } = termsOf(lender, legs);
  return pathOutput(legs, amountIn) - amountIn - premiumOf(amountIn, premium) - gasCost(gasOf(legs, lender.kind, firstLegLends), gasPrice);
}

const POINTS = 48;

/**
 * The greatest net profit of a cycle, to far below a millionth: sizes of every magnitude, then ever finer ones around the
 * best, until they are neighbours. Profit is concave but for roundings, so the best lies beside the best of a grid.
 */
export function greatestNet(legs: readonly Leg[], most: bigint, costs: Costs): bigint {
  let grid: bigint[] = [];
  for (let bits = 0; 2 ** bits < Number(most); bits += 0.5) grid.push(BigInt(Math.floor(2 ** bits)));
  for (;;) {
    const nets = grid.map((amountIn) => netOf(legs, amountIn, costs));
    const best = nets.reduce((at, net, place) => (net > nets[at]! ? place : at), 0);
    const [low, high] = [grid[Math.max(0, best - 1)]!, grid[Math.min(grid.length - 1, best + 1)]!];
    if (high - low <= BigInt(POINTS)) {
      let greatest = nets[best]!;
      for (let amountIn = low; amountIn <= high; amountIn++) {
        const net = netOf(legs, amountIn, costs);
        if (net > greatest) greatest = net;
      }
      return greatest;
    }
    grid = Array.from({ length: POINTS + 1 }, (_, point) => low + ((high - low) * BigInt(point)) / BigInt(POINTS));
  }
}

/** flashbots/simple-arbitrage: pairs of pools, some sizes and one between the best and its neighbour. */
const FIXED_SIZES = [1n, 10n, 20n, 50n, 100n, 200n, 500n, 1_000n, 2_000n];

/** @param unit what its hundredth of an ether is here */
export function fixedSizeNet(pools: readonly Pool[], base: string, unit: bigint, costs: Costs): bigint {
  let greatest = 0n;
  for (const legs of everyCycle(pools, base, 2)) {
    const nets = FIXED_SIZES.map((size) => netOf(legs, size * unit, costs));
    const best = nets.reduce((at, net, place) => (net > nets[at]! ? place : at), 0);
    const between = ((FIXED_SIZES[best]! + FIXED_SIZES[Math.min(best + 1, FIXED_SIZES.length - 1)]!) * unit) / 2n;
    for (const net of [nets[best]!, netOf(legs, between, costs)]) if (net > greatest) greatest = net;
  }
  return greatest;
}
