/**
 * Every cycle of up to four swaps through a base token, found once and kept in flat arrays, and from each pool to the
 * cycles that use it: after a block only those are solved again.
 *
 * Enumerating beats Bellman-Ford on −log prices here: that tells whether there is a cycle, finds few of them a run, and not
 * those through a chosen token (Zhang et al., arXiv 2406.16573); on sizes Zhou et al., "On the Just-In-Time Discovery of
 * Profit-Generating Transactions in DeFi Protocols" (IEEE S&P 2021, DeFiPoser-ARB).
 */
import { demand } from "../refusal.ts";
import type { Market } from "./market.ts";

export const MOST_HOPS = 4;

export interface CycleLimits {
  /** From 2 to 4. */
  mostHops?: number;
  /** Cycles beyond which nothing is allocated: 10 million take about 400 MB. */
  mostCycles?: number;
}

export interface Cycles {
  readonly count: number;
  /** The hops of cycle c: `hops[start[c]]` to before `hops[start[c + 1]]`. */
  readonly start: Int32Array;
  readonly hops: Int32Array;
  /** The cycles of pool p, ascending: `ofPool[poolStart[p]]` to before `ofPool[poolStart[p + 1]]`. */
  readonly poolStart: Int32Array;
  readonly ofPool: Int32Array;
  /** Tokens in which cycles begin and end, as places in the market. */
  readonly bases: readonly number[];
  /** The cycles of base b: from `baseStart[b]` to before `baseStart[b + 1]`. */
  readonly baseStart: Int32Array;
  /** Of all the arrays. */
  readonly bytes: number;
}

/**
 * Each cycle once per direction, begun at the first of its bases in the order given. No pool is used twice: a pool's state
 * changes under the first swap; no token is passed twice: such a cycle falls apart into shorter ones.
 *
 * Two passes over the same walk, one to count and one to fill, so that memory is what the cycles need and no more.
 *
 * @param bases addresses; what a loan is taken in
 * @throws {Refusal} `unknown_token`, `invalid_cycle` for a wrong number of hops, `too_many_cycles`
 */
export function enumerateCycles(market: Market, bases: readonly string[], { mostHops = MOST_HOPS, mostCycles = 10_000_000 }: CycleLimits = {}): Cycles {
  demand(Number.isInteger(mostHops) && mostHops >= 2 && mostHops <= MOST_HOPS, "invalid_cycle", () => `cycles of up to ${mostHops} hops: from 2 to ${MOST_HOPS}`);
  const places = [...new Set(bases.map((address) => market.tokenPlace(address)))];
  const baseStart = new Int32Array(places.length + 1);
  const ofPoolCount = new Int32Array(market.pools.length + 1);
  let [count, hopCount] = [0, 0];
  places.forEach((_, base) => {
    walk(market, places, base, mostHops, (path, length) => {
      count++;
      hopCount += length;
      for (let at = 0; at < length; at++) ofPoolCount[(path[at]! >> 1) + 1]!++;
      demand(count <= mostCycles, "too_many_cycles", () => `more than ${mostCycles} cycles of up to ${mostHops} hops: fewer pools (leave out the small ones), bases or hops`);
    });
    baseStart[base + 1] = count;
  });

  for (let pool = 0; pool < market.pools.length; pool++) ofPoolCount[pool + 1]! += ofPoolCount[pool]!;
  const [start, hops, ofPool, next] = [new Int32Array(count + 1), new Int32Array(hopCount), new Int32Array(hopCount), ofPoolCount.slice()];
  let [cycle, filled] = [0, 0];
  places.forEach((_, base) => walk(market, places, base, mostHops, (path, length) => {
    for (let at = 0; at < length; at++) {
      hops[filled++] = path[at]!;
      ofPool[next[path[at]! >> 1]!++] = cycle;
    }
    start[++cycle] = filled;
  }));
  const arrays = [start, hops, ofPoolCount, ofPool, baseStart];
  return { count, start, hops, poolStart: ofPoolCount, ofPool, bases: places, baseStart, bytes: arrays.reduce((sum, { byteLength }) => sum + byteLength, 0) };
}

/** Calls `found` with the hops of each cycle of one base; the array is reused. */
function walk(market: Market, bases: readonly number[], base: number, mostHops: number, found: (path: Int32Array, length: number) => void): void {
  const home = bases[base]!;
  const closed = new Uint8Array(market.tokens.length);
  // Cycles through an earlier base were begun there.
  for (const earlier of bases.slice(0, base)) closed[earlier] = 1;
  const away = hopsFrom(market, home, mostHops, closed);
  const path = new Int32Array(mostHops);
  const { hopsStart, hops, tokenIn } = market;
  const descend = (token: number, depth: number): void => {
    for (let at = hopsStart[token]!; at < hopsStart[token + 1]!; at++) {
      const hop = hops[at]!;
      const reached = tokenIn[hop ^ 1]!;
      if (reached === home) {
        // Only the first hop could be met again: a token is passed once, and so are the pools between.
        if (depth === 0 || hop >> 1 === path[0]! >> 1) continue;
        path[depth] = hop;
        found(path, depth + 1);
      } else if (closed[reached] === 0 && depth + 1 + away[reached]! <= mostHops) {
        closed[reached] = 1;
        path[depth] = hop;
        descend(reached, depth + 1);
        closed[reached] = 0;
      }
    }
  };
  descend(home, 0);
}

/** The fewest hops from each token to the base, as far as it matters: what lies too far is not walked into. */
function hopsFrom(market: Market, home: number, mostHops: number, closed: Uint8Array): Uint8Array {
  const distance = new Uint8Array(market.tokens.length).fill(255);
  distance[home] = 0;
  let reached = [home];
  for (let hops = 1; hops < mostHops && reached.length > 0; hops++) {
    const next: number[] = [];
    for (const token of reached) {
      for (let at = market.hopsStart[token]!; at < market.hopsStart[token + 1]!; at++) {
        const other = market.tokenIn[market.hops[at]! ^ 1]!;
        if (distance[other] === 255 && closed[other] === 0) {
          distance[other] = hops;
          next.push(other);
        }
      }
    }
    reached = next;
  }
  return distance;
}
