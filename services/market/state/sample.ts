/** Part of the market asked again at each block: what the logs have made of it has to be what the chain holds. */
import type { Address } from "viem";
import type { RangePool } from "../../flashloan/pools/pool.ts";
import type { View } from "../chain/multicall.ts";
import { liquidityOf, reservesOf, slotOf, tickOf } from "./read-market.ts";
import type { TrackedPool } from "./pool-events.ts";

export interface Sample {
  views: readonly View[];
  /** @param answers to `views` @returns what differs and of which pool; null where nothing does */
  difference(answers: readonly unknown[]): { pool: string; message: string } | null;
}

const viewsOf = (pool: TrackedPool, turn: number): View[] => {
  const address = pool.id as Address;
  return pool.kind === "v2" ? [reservesOf(address)] : [slotOf(address), liquidityOf(address), ...turnTick(pool, turn).map((index) => tickOf(address, index))];
};

/** Another of the pool's ticks at each turn: to ask for all would cost more than it tells. */
const turnTick = ({ ticks }: RangePool, turn: number): number[] => (ticks.index.length === 0 ? [] : [ticks.index[turn % ticks.index.length]!]);

/** @param turn counts up from block to block */
export function sampleOf(pools: readonly TrackedPool[], turn: number): Sample {
  return {
    views: pools.flatMap((pool) => viewsOf(pool, turn)),
    difference(answers) {
      let at = 0;
      for (const pool of pools) {
        const own = answers.slice(at, at += viewsOf(pool, turn).length);
        const message = compare(pool, own, turn);
        if (message !== null) return { pool: pool.id, message };
      }
      return null;
    },
  };
}

function compare(pool: TrackedPool, answers: readonly unknown[], turn: number): string | null {
  const told = (ours: readonly unknown[], theirs: readonly unknown[], names: string): string | null =>
    (ours.every((value, at) => value === theirs[at]) ? null : `${names} ${ours.join(", ")} here, ${theirs.slice(0, ours.length).join(", ")} on the chain`);
  if (pool.kind === "v2") return told([pool.reserve0, pool.reserve1], answers[0] as unknown[], "reserves");
  const [slot, liquidity, tick] = answers as [unknown[], bigint, unknown[] | undefined];
  const [index] = turnTick(pool, turn);
  return told([pool.sqrtPriceX96, pool.tick], slot, "√price and tick") ?? told([pool.liquidity], [liquidity], "liquidity")
    ?? (index === undefined ? null : told([pool.gross.get(index), pool.ticks.liquidityNet[[...pool.ticks.index].indexOf(index)]], tick!, `liquidity, gross and net, at tick ${index}:`));
}

/** Places to sample: those a block has touched, and of the others a few more each time, so that all have their turn. */
export function placesToSample(touched: readonly number[], count: number, turn: number, more: number): number[] {
  const others = Array.from({ length: Math.min(more, count) }, (_, at) => (turn * more + at) % count);
  return [...new Set([...touched, ...others])];
}
