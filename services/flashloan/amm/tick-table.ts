/** The initialised ticks of a pool, sorted, with what crossing each does to the liquidity. */
import { MAX_UINT128 } from "../integer.ts";
import { demand } from "../refusal.ts";
import { getSqrtRatioAtTick, MAX_TICK, MIN_TICK } from "./tick-math.ts";

export interface Tick {
  index: number;
  /** Added to the liquidity when the price crosses upwards, taken off when it crosses downwards. */
  liquidityNet: bigint;
}

export interface TickTable {
  /** Ascending. */
  readonly index: Int32Array;
  readonly liquidityNet: readonly bigint[];
  readonly sqrtRatioX96: readonly bigint[];
}

/** @throws {Refusal} `invalid_ticks`: not ascending, off the spacing, out of range, or nets that do not add up to nothing */
export function tickTable(ticks: readonly Tick[], tickSpacing: number): TickTable {
  demand(Number.isInteger(tickSpacing) && tickSpacing >= 1 && tickSpacing < 16_384, "invalid_ticks", () => `a tick spacing of ${tickSpacing}: a whole number from 1 to 16383`);
  let liquidity = 0n;
  ticks.forEach(({ index, liquidityNet }, at) => {
    demand(Number.isInteger(index) && index >= MIN_TICK && index <= MAX_TICK && index % tickSpacing === 0, "invalid_ticks",
      () => `tick ${index}: a multiple of the spacing ${tickSpacing} from ${MIN_TICK} to ${MAX_TICK}`);
    demand(at === 0 || ticks[at - 1]!.index < index, "invalid_ticks", () => `tick ${index} after ${ticks[at - 1]!.index}: ascending, each once`);
    liquidity += liquidityNet;
    demand(liquidity >= 0n && liquidity <= MAX_UINT128, "invalid_ticks", () => `liquidity ${liquidity} above tick ${index}: from 0 to 2^128 - 1`);
  });
  demand(liquidity === 0n, "invalid_ticks", () => `the nets of the ticks add up to ${liquidity}, not 0: a tick is missing`);
  return {
    index: Int32Array.from(ticks, ({ index }) => index),
    liquidityNet: ticks.map(({ liquidityNet }) => liquidityNet),
    sqrtRatioX96: ticks.map(({ index }) => getSqrtRatioAtTick(index)),
  };
}

/** How many of the ticks are at most `tick`: the first above it is at this place, the last at most it one before. */
export function countUpTo({ index }: TickTable, tick: number): number {
  let [low, high] = [0, index.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (index[middle]! <= tick) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Liquidity in range at a tick. */
export function liquidityAt(table: TickTable, tick: number): bigint {
  let liquidity = 0n;
  for (let at = countUpTo(table, tick) - 1; at >= 0; at--) liquidity += table.liquidityNet[at]!;
  return liquidity;
}

/**
 * Where the word of the contract's bitmap ends that holds the ticks next to `tick`: 256 spacings a word
 * (TickBitmap.sol of v3-core, `nextInitializedTickWithinOneWord`). A swap makes a step there even if nothing changes,
 * and each step rounds: without these stops the amounts would be off by a few units.
 */
export function wordEnd(tick: number, tickSpacing: number, downwards: boolean): number {
  const compressed = Math.floor(tick / tickSpacing);
  return (downwards ? (compressed >> 8) * 256 : (((compressed + 1) >> 8) + 1) * 256 - 1) * tickSpacing;
}
