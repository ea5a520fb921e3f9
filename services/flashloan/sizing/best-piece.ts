/** The piece of a path on which its profit is greatest, and what no integer input of the path can exceed. */
import { floorDiv, isqrt } from "../integer.ts";
import type { Premium } from "../lenders/premium.ts";
import type { Moebius } from "./exact-curve.ts";
import type { PathPiece, PathPieces } from "./path-pieces.ts";

export interface BestPiece {
  /** Number of the piece. */
  readonly at: number;
  /** Input nearest to the best one, rounded down. */
  readonly amountIn: bigint;
  /** No integer input of the path earns more, in exact arithmetic and with all roundings. */
  readonly bound: bigint;
}

/** The path is concave, so the walk goes on only while the slope at the end of a piece is above 1 + premium. */
export function bestPiece(path: PathPieces, premium: Premium, most: bigint | null): BestPiece | null {
  const price = priceOf(premium);
  const { q, half } = price;
  for (let at = 0; ; at++) {
    const piece = path.piece(at);
    if (piece === undefined) return null;
    const { map, started, dry } = piece;
    const [a, b, c, d] = map;
    const determinant = a * d - b * c;
    // Where the slope determinant/(c·x + d)² has come down to q.
    const best = floorDiv(isqrt((determinant * q[1]) / q[0]) - d, c);
    if (best < 0n && started === 0n) return null;
    const end = piece.end ?? dry;
    if (most !== null && (end === null || most <= end) && best > most) return { at, amountIn: most, bound: boundAt(map, price, most, most) };
    // Both are rounded down: at the same integer the best may lie on either side of a piece's end.
    if (piece.end !== null && best >= piece.end) continue;
    if (dry !== null && best >= dry) return { at, amountIn: dry, bound: boundAt(map, price, dry, dry + 1n) };
    // The slope fell below q in a gap of the liquidity, or close to the border: the best input is there.
    if (best <= started && started > 0n) return { at, amountIn: started, bound: boundAt(map, price, started, started + 1n) };
    // a/c + q·d/c − 2·√(q·determinant)/c, and a half where the premium may be rounded down by as much.
    const bound = floorDiv(2n * (a * q[1] + q[0] * d - 2n * isqrt(q[0] * q[1] * determinant)) + (half ? c * q[1] : 0n), 2n * c * q[1]);
    return { at, amountIn: best, bound };
  }
}

/** Inputs, both ends included, and the pieces on which the ends lie. */
export interface Inputs { readonly low: bigint; readonly high: bigint; readonly lowOn: PathPiece; readonly highOn: PathPiece }

/**
 * All inputs that might earn `wanted` or more; null where none does. They are an interval, because the path is concave: it
 * is found piece by piece from the best one to both sides.
 */
export function worthTrying(path: PathPieces, { at }: BestPiece, premium: Premium, wanted: bigint, most: bigint | null): Inputs | null {
  const price = priceOf(premium);
  let found = onPiece(path.piece(at)!, price, wanted);
  // Where the best piece has none, one beside it may yet: at a border the best input lies on either.
  for (let place = at; place > 0 && (found === null || found.low <= path.piece(place)!.started);) {
    const before = onPiece(path.piece(--place)!, price, wanted);
    if (before === null) break;
    found = found === null ? before : { ...found, low: before.low, lowOn: before.lowOn };
  }
  for (let place = at; path.piece(place)!.end !== null && (found === null || found.high >= path.piece(place)!.end!);) {
    const behind = onPiece(path.piece(++place)!, price, wanted);
    if (behind === null) break;
    found = found === null ? behind : { ...found, high: behind.high, highOn: behind.highOn };
  }
  if (found === null || (most !== null && found.low > most)) return null;
  return most !== null && found.high > most ? { ...found, high: most } : found;
}

interface Price {
  /** Of a borrowed unit: 1 + premium. */
  readonly q: readonly [numerator: bigint, denominator: bigint];
  /** The premium may be rounded down by half a unit. */
  readonly half: boolean;
}

const priceOf = ({ numerator, denominator, rounding }: Premium): Price => ({ q: [numerator + denominator, denominator], half: rounding === "half-up" });

/** What is earned at most between two inputs: what the later one gives for what the earlier one costs. */
function boundAt([a, b, c, d]: Moebius, { q: [num, den], half }: Price, earlier: bigint, later: bigint): bigint {
  const scale = c * later + d;
  return floorDiv(2n * ((a * later + b) * den - num * earlier * scale) + (half ? den * scale : 0n), 2n * den * scale);
}

/** The inputs of one piece, a unit more to either side, since its ends are rounded down. */
function onPiece(piece: PathPiece, { q: [num, den], half }: Price, wanted: bigint): Inputs | null {
  const { map: [a, b, c, d], started, end, dry } = piece;
  const twice = 2n * wanted - (half ? 1n : 0n);
  // (a·x + b)/(c·x + d) − q·x ≥ wanted, multiplied by the denominator, which is positive on the piece: −α·x² + β·x + γ ≥ 0.
  const alpha = 2n * num * c;
  const beta = 2n * (a * den - num * d) - twice * den * c;
  const gamma = den * (2n * b - twice * d);
  const discriminant = beta * beta + 4n * alpha * gamma;
  if (discriminant < 0n) return null;
  const root = isqrt(discriminant) + 1n;
  let [low, high] = [floorDiv(beta - root, 2n * alpha) - 1n, floorDiv(beta + root, 2n * alpha) + 2n];
  // Above what is there the output stays and the cost grows.
  if (dry !== null && high > dry) {
    const scale = 2n * num * (c * (dry + 1n) + d);
    const paid = floorDiv(den * (2n * (a * (dry + 1n) + b) - twice * (c * (dry + 1n) + d)), scale) + 1n;
    if (paid < high) high = paid > dry ? paid : dry + 1n;
  }
  const least = started > 0n ? started : 1n;
  if (low < least) low = least;
  if (end !== null && high > end + 1n) high = end + 1n;
  return low > high ? null : { low, high, lowOn: piece, highOn: piece };
}
