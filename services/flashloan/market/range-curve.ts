/** What a swap on a V3 pool gives, piece by piece in doubles: for the search, which only needs to be nearly right. */
import type { Concentrated } from "../amm/concentrated.ts";
import { rangesOf, type Range } from "../pools/ranges.ts";

/** One range: y = y0 + price·u / (1 + depth·u) with u = x − x0, for x from x0 up to `end`. */
export interface RangePiece {
  readonly x0: number;
  readonly y0: number;
  readonly price: number;
  readonly depth: number;
  readonly end: number;
}

const TWO_96 = 2 ** 96;

/** Pieces are reckoned when they are first asked for: most swaps end in the first. */
export class RangeCurve {
  readonly #keep: number;
  readonly #ranges: Generator<Range, undefined>;
  readonly #zeroForOne: boolean;
  readonly #pieces: RangePiece[] = [];
  #end: { x: number; y: number } | null = { x: 0, y: 0 };

  constructor(pool: Concentrated, zeroForOne: boolean) {
    this.#keep = 1 - pool.feePips / 1e6;
    this.#zeroForOne = zeroForOne;
    this.#ranges = rangesOf(pool, zeroForOne);
  }

  /** Piece number `at` in the direction of the swap; undefined behind the last. */
  piece(at: number): RangePiece | undefined {
    while (this.#pieces.length <= at && this.#end !== null) this.#extend(this.#end);
    return this.#pieces[at];
  }

  /** How many pieces there are: reckons them all. */
  get length(): number {
    while (this.#end !== null) this.#extend(this.#end);
    return this.#pieces.length;
  }

  #extend({ x, y }: { x: number; y: number }): void {
    const range = this.#ranges.next().value;
    if (range === undefined) {
      this.#end = null;
      return;
    }
    const liquidity = Number(range.liquidity);
    // Token 1 in walks the same curve with the price turned over.
    const [enter, leave] = this.#zeroForOne
      ? [Number(range.enter) / TWO_96, Number(range.leave) / TWO_96]
      : [TWO_96 / Number(range.enter), TWO_96 / Number(range.leave)];
    const depth = (this.#keep * enter) / liquidity;
    const end = x + (liquidity * (enter - leave)) / (enter * leave) / this.#keep;
    this.#pieces.push({ x0: x, y0: y, price: this.#keep * enter * enter, depth, end });
    this.#end = { x: end, y: y + liquidity * (enter - leave) };
  }
}
