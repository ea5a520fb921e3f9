/** Which cycles earn something, in doubles: all of them, or those that a block has touched. */
import type { Cycles } from "../market/cycles.ts";
import type { Market } from "../market/market.ts";
import { demand } from "../refusal.ts";
import { sizePiecewise } from "./moebius.ts";

export interface Found {
  readonly cycle: number;
  /** Of the base token's smallest unit; off by rounding, so that exact integers decide. */
  readonly amountIn: number;
  /** Before gas. Never less than in exact integers by more than the precision of a double, since pools round for themselves. */
  readonly profit: number;
}

export interface ScanOptions {
  /**
   * The least profit worth looking at, one a base of the cycles, in its smallest unit. It is also the yardstick by which
   * bases are compared, so let all be worth the same.
   */
  floors: readonly number[];
  /** Of the loan, as a share: 0.0005 for 5 basis points. */
  premium?: number;
}

/** Keeps its arrays from one scan to the next. One a market; not for two scans at once. */
export class Scanner {
  readonly #market: Market;
  readonly #cycles: Cycles;
  readonly #touched: Int32Array;
  /** The scan that last met a cycle. */
  readonly #met: Uint32Array;
  #scan = 0;

  constructor(market: Market, cycles: Cycles) {
    this.#market = market;
    this.#cycles = cycles;
    this.#touched = new Int32Array(cycles.count);
    this.#met = new Uint32Array(cycles.count);
  }

  /** Every cycle, best first. @throws {Refusal} `invalid_amount` for floors that are none */
  all({ floors, premium = 0 }: ScanOptions): Found[] {
    const { baseStart } = this.#cycles;
    this.#demandFloors(floors);
    const found: Found[] = [];
    floors.forEach((floor, base) => {
      this.#solve(null, baseStart[base]!, baseStart[base + 1]!, floor, 1 + premium, found);
    });
    return this.#ranked(found, floors);
  }

  /** The cycles of some pools, by their places in the market, best first. @throws {Refusal} as `all` */
  touched(pools: Iterable<number>, { floors, premium = 0 }: ScanOptions): Found[] {
    this.#demandFloors(floors);
    const count = this.touchedCount(pools);
    const { baseStart } = this.#cycles;
    const found: Found[] = [];
    if (floors.length > 1) this.#touched.subarray(0, count).sort();
    let from = 0;
    floors.forEach((floor, base) => {
      let to = floors.length === 1 ? count : from;
      while (to < count && this.#touched[to]! < baseStart[base + 1]!) to++;
      this.#solve(this.#touched, from, to, floor, 1 + premium, found);
      from = to;
    });
    return this.#ranked(found, floors);
  }

  /** How many different cycles use any of these pools. */
  touchedCount(pools: Iterable<number>): number {
    const { poolStart, ofPool } = this.#cycles;
    const [met, touched] = [this.#met, this.#touched];
    const scan = ++this.#scan;
    let count = 0;
    for (const pool of pools) {
      for (let at = poolStart[pool]!; at < poolStart[pool + 1]!; at++) {
        const cycle = ofPool[at]!;
        if (met[cycle] === scan) continue;
        met[cycle] = scan;
        touched[count++] = cycle;
      }
    }
    return count;
  }

  /**
   * The inner loop: a chain folded as K, L ← price·K, L + depth·K, three operations a hop. K > q says at once whether a
   * cycle earns anything, on V3 too, where the first pieces bear the first unit.
   */
  #solve(list: Int32Array | null, from: number, to: number, floor: number, q: number, found: Found[]): void {
    const { start, hops } = this.#cycles;
    const { curve } = this.#market;
    const rootQ = Math.sqrt(q);
    for (let at = from; at < to; at++) {
      const cycle = list === null ? at : list[at]!;
      const [first, behind] = [start[cycle]!, start[cycle + 1]!];
      let [K, L] = [1, 0];
      for (let place = first; place < behind; place++) {
        const hop = 2 * hops[place]!;
        L += curve[hop + 1]! * K;
        K *= curve[hop]!;
      }
      if (!(K > q)) continue;
      if (this.#isPiecewise(first, behind)) {
        const sized = sizePiecewise(this.#market, hops, first, behind, q);
        if (sized !== null && sized.profit >= floor) found.push({ cycle, ...sized });
        continue;
      }
      const margin = Math.sqrt(K) - rootQ;
      const profit = (margin * margin) / L;
      if (profit >= floor) found.push({ cycle, amountIn: (Math.sqrt(K / q) - 1) / L, profit });
    }
  }

  #isPiecewise(first: number, behind: number): boolean {
    for (let place = first; place < behind; place++) if (this.#market.ranged[this.#cycles.hops[place]! >> 1] === 1) return true;
    return false;
  }

  #ranked(found: Found[], floors: readonly number[]): Found[] {
    if (floors.length === 1) return found.sort((a, b) => b.profit - a.profit);
    const yardstick = (cycle: number): number => floors[this.baseOf(cycle)]!;
    return found.map((entry) => ({ entry, rank: entry.profit / yardstick(entry.cycle) })).sort((a, b) => b.rank - a.rank).map(({ entry }) => entry);
  }

  /** Which of the bases a cycle begins at. */
  baseOf(cycle: number): number {
    let base = 0;
    while (this.#cycles.baseStart[base + 1]! <= cycle) base++;
    return base;
  }

  #demandFloors(floors: readonly number[]): void {
    demand(floors.length === this.#cycles.bases.length && floors.every((floor) => floor > 0 && floor < Infinity), "invalid_amount",
      () => `floors of ${floors.join(", ") || "nothing"}: one a base (${this.#cycles.bases.length}), each above 0`);
  }
}
