/** The state of a pool at one block: all that its mathematics need. Amounts are in the tokens' smallest units. */
import { demandReserves } from "../amm/constant-product.ts";
import type { Concentrated } from "../amm/concentrated.ts";
import { demandSqrtRatio, getSqrtRatioAtTick, MAX_TICK, MIN_TICK } from "../amm/tick-math.ts";
import { liquidityAt, tickTable, type Tick } from "../amm/tick-table.ts";
import { demandFee, MAX_UINT128 } from "../integer.ts";
import { demand, Refusal, type RefusalReason } from "../refusal.ts";
import type { Token } from "./token.ts";

interface Common {
  /** Address of the pool, lower case: what tells pools apart. */
  readonly id: string;
  readonly token0: Token;
  readonly token1: Token;
  /** Hundredths of a basis point: 3000 is 0.3 %. */
  readonly feePips: number;
}

/** Uniswap V2 or a fork with the same curve. */
export interface PairPool extends Common {
  readonly kind: "v2";
  readonly reserve0: bigint;
  readonly reserve1: bigint;
}

/** Uniswap V3 or a fork with the same curve. */
export interface RangePool extends Common, Concentrated {
  readonly kind: "v3";
}

export type Pool = PairPool | RangePool;

/** @throws {Refusal} `invalid_token`, `invalid_fee`, `invalid_reserves` */
export function pairPool(state: Omit<PairPool, "kind">): PairPool {
  const pool = { ...common(state), kind: "v2" as const, reserve0: state.reserve0, reserve1: state.reserve1 };
  demandReserves(pool.reserve0, pool.reserve1);
  return pool;
}

/** @throws {Refusal} `invalid_token`, `invalid_fee`, `invalid_price`, `invalid_ticks`, `invalid_liquidity` */
export function rangePool(state: Omit<RangePool, "kind" | "ticks"> & { ticks: readonly Tick[] }): RangePool {
  const { sqrtPriceX96, tick, liquidity, tickSpacing } = state;
  const ticks = tickTable(state.ticks, tickSpacing);
  demandSqrtRatio(sqrtPriceX96);
  // A price that came down to a tick exactly lies above the tick that the pool tells.
  demand(Number.isInteger(tick) && tick >= MIN_TICK && tick < MAX_TICK && getSqrtRatioAtTick(tick) <= sqrtPriceX96 && sqrtPriceX96 <= getSqrtRatioAtTick(tick + 1),
    "invalid_price", () => `tick ${tick} beside a square-root price of ${sqrtPriceX96}: they are not of the same moment`);
  const expected = liquidityAt(ticks, tick);
  demand(liquidity === expected && liquidity <= MAX_UINT128, "invalid_liquidity",
    () => `liquidity ${liquidity} at tick ${tick}, where the ticks below add up to ${expected}: a tick is missing, or they are not of the same moment`);
  return { ...common(state), kind: "v3", sqrtPriceX96, tick, liquidity, tickSpacing, ticks };
}

function common({ id, token0, token1, feePips }: Common): Common {
  demand(token0.address < token1.address, "invalid_token", () => `pool ${id} of ${token0.address} and ${token1.address}: two tokens, in the order of their addresses`);
  demandFee(feePips);
  return { id: id.toLowerCase(), token0, token1, feePips };
}

export interface Admitted<T extends Pool> {
  pools: T[];
  /** How many were left out, by reason. */
  refused: Partial<Record<RefusalReason, number>>;
}

/** Makes pools of states as they come from a chain; a state that is refused is left out and counted. */
export function admit<S, T extends Pool>(states: Iterable<S>, make: (state: S) => T): Admitted<T> {
  const admitted: Admitted<T> = { pools: [], refused: {} };
  for (const state of states) {
    try {
      admitted.pools.push(make(state));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      admitted.refused[error.reason] = (admitted.refused[error.reason] ?? 0) + 1;
    }
  }
  return admitted;
}
