/** Which cycles earn something, in doubles: all of them, or those that a block has touched. */
import type { Cycles } from "../market/cycles.ts";
import type { Market } from "../market/market.ts";
import { demand } from "../refusal.ts";
import { BestOf } from "./best-of.ts";
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
  /** How many of the best to keep; all by default. */
  most?: number;
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

  /** Every cycle, best first. @throws {Refusal} `invalid_amount` for floors that are none, or nothing to keep */
  all(options: ScanOptions): Found[] {
    const best = this.#begin(options);
    const { baseStart } = this.#cycles;
    options.floors.forEach((_, base) => this.#solve(null, baseStart[base]!, baseStart[base + 1]!, base, options, best));
    return best.ranked();
  }

  /** The cycles of some pools, by their places in the market, best first. @throws {Refusal} as `all` */
  touched(pools: Iterable<number>, options: ScanOptions): Found[] {
    const best = this.#begin(options);
    const count = this.touchedCount(pools);
    const { baseStart } = this.#cycles;
    const { floors } = options;
    if (floors.length > 1) this.#touched.subarray(0, count).sort();
    let from = 0;
    floors.forEach((_, base) => {
      let to = floors.length === 1 ? count : from;
      while (to < count && this.#touched[to]! < baseStart[base + 1]!) to++;
      this.#solve(this.#touched, from, to, base, options, best);
      from = to;
    });
    return best.ranked();
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
  #solve(list: Int32Array | null, from: number, to: number, base: number, { floors, premium = 0 }: ScanOptions, best: BestOf<Found>): void {
    const [floor, q] = [floors[base]!, 1 + premium];
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
        if (sized !== null && sized.profit >= floor * best.least) best.add({ cycle, ...sized }, sized.profit / floor);
        continue;
      }
      const margin = Math.sqrt(K) - rootQ;
      const profit = (margin * margin) / L;
      if (profit >= floor * best.least) best.add({ cycle, amountIn: (Math.sqrt(K / q) - 1) / L, profit }, profit / floor);
    }
  }

  #isPiecewise(first: number, behind: number): boolean {
    for (let place = first; place < behind; place++) if (this.#market.ranged[this.#cycles.hops[place]! >> 1] === 1) return true;
    return false;
  }

  /** Which of the bases a cycle begins at. */
  baseOf(cycle: number): number {
    let base = 0;
    while (this.#cycles.baseStart[base + 1]! <= cycle) base++;
    return base;
  }

  #begin({ floors, most = Infinity }: ScanOptions): BestOf<Found> {
    demand(floors.length === this.#cycles.bases.length && floors.every((floor) => floor > 0 && floor < Infinity), "invalid_amount",
      () => `floors of ${floors.join(", ") || "nothing"}: one a base (${this.#cycles.bases.length}), each above 0`);
    demand(most >= 1, "invalid_amount", () => `the best ${most} of a scan: at least 1`);
    return new BestOf(most, 1);
  }
}
