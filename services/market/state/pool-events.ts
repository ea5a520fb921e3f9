/** What a log does to a pool. Pure: a state and a log in, the next state out. */
import type { Hex } from "viem";
import { toEventSelector } from "viem/utils";
import { liquidityAt, type Tick } from "../../flashloan/amm/tick-table.ts";
import { demandSqrtRatio } from "../../flashloan/amm/tick-math.ts";
import { pairPool, rangePool, type PairPool, type Pool, type RangePool } from "../../flashloan/pools/pool.ts";
import { demand } from "../../flashloan/refusal.ts";
import type { Log } from "../chain/answers.ts";

/**
 * A V3 pool with how much liquidity refers to each of its ticks, from above or below. A tick whose sum is nothing stays a
 * stop of every swap while this is not, and a stop rounds.
 */
export interface TrackedRange extends RangePool {
  readonly gross: ReadonlyMap<number, bigint>;
}
export type TrackedPool = PairPool | TrackedRange;

/** UniswapV2Pair.sol of v2-core 1.0.1; IUniswapV3PoolEvents.sol of v3-core 1.0.1. */
export const TOPICS = {
  sync: toEventSelector("event Sync(uint112 reserve0, uint112 reserve1)"),
  swap: toEventSelector("event Swap(address indexed sender, address indexed recipient, int256 amount0, int256 amount1, uint160 sqrtPriceX96, uint128 liquidity, int24 tick)"),
  mint: toEventSelector("event Mint(address sender, address indexed owner, int24 indexed tickLower, int24 indexed tickUpper, uint128 amount, uint256 amount0, uint256 amount1)"),
  burn: toEventSelector("event Burn(address indexed owner, int24 indexed tickLower, int24 indexed tickUpper, uint128 amount, uint256 amount0, uint256 amount1)"),
} as const;

const word = (data: Hex, at: number): bigint => BigInt(`0x${data.slice(2 + 64 * at, 66 + 64 * at) || "0"}`);
const int24 = (value: bigint): number => Number(BigInt.asIntN(24, value));

/**
 * @returns the same state for a log that changes nothing here
 * @throws {Refusal} `invalid_reserves`, `invalid_price`, `invalid_liquidity`, `invalid_ticks`: a state that cannot be traded on
 */
export function afterLog(pool: TrackedPool, log: Log): TrackedPool {
  const [topic] = log.topics;
  if (pool.kind === "v2") return topic === TOPICS.sync ? pairPool({ ...pool, reserve0: word(log.data, 0), reserve1: word(log.data, 1) }) : pool;
  switch (topic) {
    case TOPICS.swap: return afterSwap(pool, word(log.data, 2), word(log.data, 3), int24(word(log.data, 4)));
    // `sender` is not indexed in a Mint: the amount is the second word.
    case TOPICS.mint: return afterPosition(pool, int24(BigInt(log.topics[2]!)), int24(BigInt(log.topics[3]!)), word(log.data, 1));
    case TOPICS.burn: return afterPosition(pool, int24(BigInt(log.topics[2]!)), int24(BigInt(log.topics[3]!)), -word(log.data, 0));
    default: return pool;
  }
}

function afterSwap(pool: TrackedRange, sqrtPriceX96: bigint, liquidity: bigint, tick: number): TrackedRange {
  demandSqrtRatio(sqrtPriceX96);
  const expected = liquidityAt(pool.ticks, tick);
  demand(liquidity === expected, "invalid_liquidity", () => `pool ${pool.id}: liquidity ${liquidity} at tick ${tick}, where its ticks add up to ${expected}`);
  return { ...pool, sqrtPriceX96, liquidity, tick };
}

/** @param change of the position's liquidity */
function afterPosition(pool: TrackedRange, lower: number, upper: number, change: bigint): TrackedRange {
  // A burn of nothing only settles fees.
  if (change === 0n) return pool;
  const gross = new Map(pool.gross);
  for (const tick of [lower, upper]) {
    const left = (gross.get(tick) ?? 0n) + change;
    demand(left >= 0n, "invalid_ticks", () => `pool ${pool.id}: ${-change} burnt at tick ${tick}, where only ${left - change} is known`);
    if (left === 0n) gross.delete(tick);
    else gross.set(tick, left);
  }
  const nets = new Map<number, bigint>();
  pool.ticks.index.forEach((index, at) => nets.set(index, pool.ticks.liquidityNet[at]!));
  nets.set(lower, (nets.get(lower) ?? 0n) + change);
  nets.set(upper, (nets.get(upper) ?? 0n) - change);
  const liquidity = pool.liquidity + (lower <= pool.tick && pool.tick < upper ? change : 0n);
  return trackedRange({ ...pool, liquidity }, nets, gross);
}

/** @param nets liquidity added when the price crosses a tick upwards @throws {Refusal} of `rangePool` */
export function trackedRange(state: Omit<RangePool, "kind" | "ticks">, nets: ReadonlyMap<number, bigint>, gross: ReadonlyMap<number, bigint>): TrackedRange {
  const ticks: Tick[] = [...gross.keys()].sort((a, b) => a - b).map((index) => ({ index, liquidityNet: nets.get(index) ?? 0n }));
  return { ...rangePool({ ...state, ticks }), gross };
}

/** Whether two states of a pool are the same for a swap. @returns what differs, or null */
export function differenceOf(ours: Pool, theirs: Pool): string | null {
  if (ours.kind === "v2" && theirs.kind === "v2") {
    return ours.reserve0 === theirs.reserve0 && ours.reserve1 === theirs.reserve1 ? null
      : `reserves ${ours.reserve0} and ${ours.reserve1} here, ${theirs.reserve0} and ${theirs.reserve1} on the chain`;
  }
  if (ours.kind !== "v3" || theirs.kind !== "v3") return `kind ${ours.kind} here, ${theirs.kind} on the chain`;
  const told = ({ sqrtPriceX96, tick, liquidity }: RangePool): string => `√price ${sqrtPriceX96}, tick ${tick}, liquidity ${liquidity}`;
  if (told(ours) !== told(theirs)) return `${told(ours)} here, ${told(theirs)} on the chain`;
  const list = ({ ticks }: RangePool): string => [...ticks.index].map((index, at) => `${index}:${ticks.liquidityNet[at]}`).join(" ");
  return list(ours) === list(theirs) ? null : `ticks ${list(ours)} here, ${list(theirs)} on the chain`;
}
