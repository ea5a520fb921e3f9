/** A path cut where a leg leaves one of its pieces: on each part it is one Moebius map, and all parts together are concave. */
import { floorDiv } from "../integer.ts";
import type { Leg } from "../pools/leg.ts";
import { after, FRACTION_BITS, IDENTITY, piecesOf, type Moebius, type Piece } from "./exact-curve.ts";

export interface PathPiece {
  /** Of each leg. */
  readonly maps: readonly Moebius[];
  /** Of the whole path. */
  readonly map: Moebius;
  /** The maps bound what inputs above `started` up to `end` give, both rounded down. */
  readonly started: bigint;
  /** Null for the last. */
  readonly end: bigint | null;
  /** Of the last: input at which its liquidity ends. More, which roundings may still take, gives nothing more. Null on V2 pools alone. */
  readonly dry: bigint | null;
}

/** Pieces are composed when they are first asked for: a search needs those around the best size. */
export class PathPieces {
  readonly #curves: readonly Generator<Piece, undefined>[];
  readonly #current: Piece[] = [];
  readonly #pieces: PathPiece[] = [];
  #ended = false;

  constructor(legs: readonly Leg[]) {
    this.#curves = legs.map(piecesOf);
    for (const curve of this.#curves) {
      const first = curve.next().value;
      if (first === undefined) {
        this.#ended = true;
        return;
      }
      this.#current.push(first);
    }
  }

  /** Piece number `at` from the first unit on; undefined behind the last, and for a path with a pool that gives nothing. */
  piece(at: number): PathPiece | undefined {
    while (this.#pieces.length <= at && !this.#ended) this.#extend();
    return this.#pieces[at];
  }

  #extend(): void {
    const started = this.#pieces.at(-1)?.end ?? 0n;
    const { map, end, ender } = compose(this.#current);
    const next = end === null ? undefined : this.#curves[ender]!.next().value;
    const reached = end !== null && end < started ? started : end;
    const last = next === undefined;
    this.#pieces.push({ maps: this.#current.map((piece) => piece.map), map, started, end: last ? null : reached, dry: last ? reached : null });
    if (last) this.#ended = true;
    else this.#current[ender] = next;
  }
}

/** The whole path as one map, and the input at which the first leg leaves its piece. */
function compose(pieces: readonly Piece[]): { map: Moebius; end: bigint | null; ender: number } {
  let [map, end, ender] = [IDENTITY, null as bigint | null, 0];
  pieces.forEach((piece, leg) => {
    if (piece.end !== null) {
      const [a, b, c, d] = map;
      const rest = (a << FRACTION_BITS) - c * piece.end;
      // The legs before never give as much where the rest is not positive.
      if (rest > 0n) {
        const reached = floorDiv(d * piece.end - (b << FRACTION_BITS), rest);
        if (end === null || reached < end) [end, ender] = [reached, leg];
      }
    }
    map = after(piece.map, map);
  });
  return { map, end, ender };
}
