/**
 * A swap on Uniswap V3, across as many ticks as it takes: `UniswapV3Pool.swap` of v3-core 1.0.1, bit for bit in what is
 * paid, what is given, and the state it leaves. Adams et al.: Uniswap v3 Core (2021), §6.2.
 *
 * What is left out changes neither: protocol fee, oracle, fee growth.
 */
import { demandAmount, MAX_INT256 } from "../integer.ts";
import { demand } from "../refusal.ts";
import { computeSwapStep } from "./swap-step.ts";
import { countUpTo, wordEnd, type TickTable } from "./tick-table.ts";
import { getSqrtRatioAtTick, getTickAtSqrtRatio, MAX_SQRT_RATIO, MAX_TICK, MIN_SQRT_RATIO, MIN_TICK } from "./tick-math.ts";

/** The part of a pool that a swap changes. */
export interface Slot {
  /** √(token 1 / token 0) in Q64.96. */
  readonly sqrtPriceX96: bigint;
  readonly tick: number;
  /** In range. */
  readonly liquidity: bigint;
}

export interface Concentrated extends Slot {
  readonly feePips: number;
  readonly tickSpacing: number;
  readonly ticks: TickTable;
}

export interface Swapped {
  /** With the fee. */
  amountIn: bigint;
  amountOut: bigint;
  /** What of the amount found no counterpart; the contract leaves it with the caller. */
  unfilled: bigint;
  after: Slot;
  /** Initialised ticks that were crossed: each costs gas. */
  crossed: number;
}

/** All of an exact input. @throws {Refusal} `insufficient_liquidity` where the pool runs dry before; `invalid_amount`, `amount_overflow` */
export function swapExactInput(pool: Concentrated, amountIn: bigint, zeroForOne: boolean): Swapped {
  return demandFilled(swap(pool, amountIn, zeroForOne), amountIn, "input");
}

/** All of an exact output. @throws {Refusal} as `swapExactInput` */
export function swapExactOutput(pool: Concentrated, amountOut: bigint, zeroForOne: boolean): Swapped {
  return demandFilled(swap(pool, amountOut, zeroForOne, false), amountOut, "output");
}

function demandFilled(swapped: Swapped, amount: bigint, what: string): Swapped {
  demand(swapped.unfilled === 0n, "insufficient_liquidity", () => `an exact ${what} of ${amount}: the pool's liquidity ends ${swapped.unfilled} before`);
  return swapped;
}

/**
 * As far as the liquidity reaches.
 *
 * @param limitX96 price at which to stop; by default the last one possible, as the routers have it
 * @throws {Refusal} `invalid_amount`, `amount_overflow`; `invalid_price` for a limit on the wrong side
 */
export function swap(pool: Concentrated, amount: bigint, zeroForOne: boolean, exactIn = true,
  limitX96 = zeroForOne ? MIN_SQRT_RATIO + 1n : MAX_SQRT_RATIO - 1n): Swapped {
  demandAmount(amount, MAX_INT256, exactIn ? "an input" : "an output");
  demand(zeroForOne ? limitX96 < pool.sqrtPriceX96 && limitX96 > MIN_SQRT_RATIO : limitX96 > pool.sqrtPriceX96 && limitX96 < MAX_SQRT_RATIO, "invalid_price",
    () => `a price limit of ${limitX96} for a swap that moves the price ${zeroForOne ? "down" : "up"} from ${pool.sqrtPriceX96}`);
  const { ticks, tickSpacing } = pool;
  const fee = BigInt(pool.feePips);
  let { sqrtPriceX96, liquidity, tick } = pool;
  let remaining = exactIn ? amount : -amount;
  let [amountIn, amountOut, crossed] = [0n, 0n, 0];
  // The next initialised tick in the direction of the swap.
  let next = countUpTo(ticks, tick) - (zeroForOne ? 1 : 0);
  while (remaining !== 0n && sqrtPriceX96 !== limitX96) {
    const initialised = next >= 0 && next < ticks.index.length ? ticks.index[next]! : null;
    // Without liquidity a step takes and gives nothing, so the stops between initialised ticks may be left out.
    const stop = liquidity === 0n ? (zeroForOne ? MIN_TICK : MAX_TICK) : clamp(wordEnd(tick, tickSpacing, zeroForOne));
    const crosses = initialised !== null && (zeroForOne ? initialised >= stop : initialised <= stop);
    const stopPrice = crosses ? ticks.sqrtRatioX96[next]! : getSqrtRatioAtTick(stop);
    const target = (zeroForOne ? stopPrice < limitX96 : stopPrice > limitX96) ? limitX96 : stopPrice;
    const step = computeSwapStep(sqrtPriceX96, target, liquidity, remaining, fee);
    remaining += exactIn ? -(step.amountIn + step.feeAmount) : step.amountOut;
    amountIn += step.amountIn + step.feeAmount;
    amountOut += step.amountOut;
    const start = sqrtPriceX96;
    sqrtPriceX96 = step.sqrtPriceX96;
    if (sqrtPriceX96 !== stopPrice) {
      if (sqrtPriceX96 !== start) tick = getTickAtSqrtRatio(sqrtPriceX96);
      continue;
    }
    if (crosses) {
      liquidity += zeroForOne ? -ticks.liquidityNet[next]! : ticks.liquidityNet[next]!;
      next += zeroForOne ? -1 : 1;
      crossed++;
    }
    const stopTick = crosses ? initialised : stop;
    tick = zeroForOne ? stopTick - 1 : stopTick;
  }
  return { amountIn, amountOut, unfilled: exactIn ? remaining : -remaining, after: { sqrtPriceX96, tick, liquidity }, crossed };
}

const clamp = (tick: number): number => Math.max(MIN_TICK, Math.min(MAX_TICK, tick));
