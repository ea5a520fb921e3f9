/** The piece of a path on which its profit is greatest, and the greatest profit of all real inputs. */
import { floorDiv, isqrt } from "../integer.ts";
import type { Premium } from "../lenders/premium.ts";
import type { Leg } from "../pools/leg.ts";
import { after, FRACTION_BITS, IDENTITY, piecesOf, type Moebius, type Piece } from "./exact-curve.ts";

export interface BestPiece {
  /** Of each leg. */
  readonly maps: readonly Moebius[];
  /**
   * The maps bound what inputs from `started` up to `end` give; null for all above. That is so behind the last liquidity
   * too: more input, which roundings may still take there, gives nothing more.
   */
  readonly started: bigint;
  readonly end: bigint | null;
  /** Input nearest to the best one, rounded down. */
  readonly amountIn: bigint;
  /** No integer input of the path earns more, in exact arithmetic and with all roundings. */
  readonly bound: bigint;
  /** The loan ends at `end`, so nothing beyond is of interest. */
  readonly loanEnds: boolean;
  /** The best input lies on this piece, not between two: what earns less at its ends earns less beyond them too. */
  readonly within: boolean;
}

/** A piece and its path: concave, so the walk goes on only while the slope at the end of a piece is above 1 + premium. */
export function bestPiece(legs: readonly Leg[], premium: Premium, most: bigint | null): BestPiece | null {
  const q: Rational = [premium.numerator + premium.denominator, premium.denominator];
  const half = premium.rounding === "half-up";
  const curves = legs.map(piecesOf);
  const pieces: Piece[] = [];
  for (const curve of curves) {
    const first = curve.next().value;
    if (first === undefined) return null;
    pieces.push(first);
  }
  for (let started = 0n; ;) {
    const { map, end: pieceEnd, ender } = compose(pieces);
    const [a, b, c, d] = map;
    const determinant = a * d - b * c;
    // Where the slope determinant/(c·x + d)² has come down to q.
    const best = floorDiv(isqrt((determinant * q[1]) / q[0]) - d, c);
    if (best < 0n && started === 0n) return null;
    const loanEnds = most !== null && (pieceEnd === null || most <= pieceEnd);
    const end = loanEnds ? most : pieceEnd;
    // Both are rounded down: at the same integer the best may lie on either side of a piece's end.
    const beyond = end !== null && (loanEnds ? best > end : best >= end);
    if (beyond && !loanEnds) {
      const next = curves[ender]!.next().value;
      if (next !== undefined) {
        pieces[ender] = next;
        started = end;
        continue;
      }
    }
    const maps = pieces.map((piece) => piece.map);
    if (beyond) return { maps, started, end: loanEnds ? end : null, loanEnds, within: true, amountIn: end, bound: boundAt(map, q, half, end, loanEnds ? end : end + 1n) };
    const shared = { maps, started, end, loanEnds };
    // The slope fell below q in a gap of the liquidity, or close to the border: the best input is there.
    if (best <= started && started > 0n) return { ...shared, within: false, amountIn: started, bound: boundAt(map, q, half, started, started + 1n) };
    // a/c + q·d/c − 2·√(q·determinant)/c, and a half where the premium may be rounded down by as much.
    const bound = floorDiv(2n * (a * q[1] + q[0] * d - 2n * isqrt(q[0] * q[1] * determinant)) + (half ? c * q[1] : 0n), 2n * c * q[1]);
    return { ...shared, within: true, amountIn: best, bound };
  }
}

type Rational = readonly [numerator: bigint, denominator: bigint];

/** What is earned at most between two inputs: what the later one gives for what the earlier one costs. */
function boundAt([a, b, c, d]: Moebius, [num, den]: Rational, half: boolean, earlier: bigint, later: bigint): bigint {
  const scale = c * later + d;
  return floorDiv(2n * ((a * later + b) * den - num * earlier * scale) + (half ? den * scale : 0n), 2n * den * scale);
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
