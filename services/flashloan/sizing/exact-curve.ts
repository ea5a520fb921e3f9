/**
 * A path as Moebius maps with integer coefficients: what its pools would give if they did not round. They round for
 * themselves, so no integer input ever gives more, and these maps bound what can be earned, to the last unit.
 */
import { Q96 } from "../amm/tick-math.ts";
import { ceilDiv, PIPS } from "../integer.ts";
import type { Leg } from "../pools/leg.ts";
import { rangesOf, type Range } from "../pools/ranges.ts";

/** y = (a·x + b) / (c·x + d). */
export type Moebius = readonly [a: bigint, b: bigint, c: bigint, d: bigint];

export const IDENTITY: Moebius = [1n, 0n, 0n, 1n];

/** First `inner`, then `outer`. */
export function after(outer: Moebius, inner: Moebius): Moebius {
  const [a, b, c, d] = outer;
  const [p, q, r, s] = inner;
  return [a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s];
}

/** What ranges before a piece took and gave is kept in 2^-64 of a unit, what they took rounded down and what they gave up. */
export const FRACTION_BITS = 64n;
const ONE = 1n << FRACTION_BITS;

export interface Piece {
  readonly map: Moebius;
  /** Input at which the piece ends, in 2^-64 units; null for a V2 pool, which has but one piece. */
  readonly end: bigint | null;
}

/** The pieces of a leg in the direction of its swap; a V2 pool has one. */
export function* piecesOf({ pool, zeroForOne }: Leg): Generator<Piece, undefined> {
  const keep = PIPS - BigInt(pool.feePips);
  if (pool.kind === "v2") {
    const [reserveIn, reserveOut] = zeroForOne ? [pool.reserve0, pool.reserve1] : [pool.reserve1, pool.reserve0];
    yield { map: [keep * reserveOut, 0n, keep, PIPS * reserveIn], end: null };
    return undefined;
  }
  let [x, y] = [0n, 0n];
  for (const range of rangesOf(pool, zeroForOne)) {
    const [taken, given] = amountsOf(range, zeroForOne, keep);
    const end = x + taken;
    yield { map: shifted(curveOf(range, zeroForOne, keep), x, y), end };
    [x, y] = [end, y + given];
  }
  return undefined;
}

/**
 * y = K·u / (M + N·u) of one range from its start, where reserves are the virtual ones L/√P and L·√P (Uniswap v3 Core,
 * §6.2.1), both multiplied by √P·2^96.
 */
function curveOf({ liquidity, enter }: Range, zeroForOne: boolean, keep: bigint): readonly [K: bigint, M: bigint, N: bigint] {
  const [inverse, direct] = [liquidity * Q96 * Q96, liquidity * enter * enter];
  return zeroForOne ? [keep * direct, PIPS * inverse, keep * Q96 * enter] : [keep * inverse, PIPS * direct, keep * Q96 * enter];
}

/** What the whole range takes, with the fee, and gives. */
function amountsOf({ liquidity, enter, leave }: Range, zeroForOne: boolean, keep: bigint): readonly [taken: bigint, given: bigint] {
  const width = zeroForOne ? enter - leave : leave - enter;
  const [of0, of1] = [liquidity * width * Q96, liquidity * width];
  const product = enter * leave;
  return zeroForOne
    ? [(of0 * PIPS * ONE) / (product * keep), ceilDiv(of1 * ONE, Q96)]
    : [(of1 * PIPS * ONE) / (Q96 * keep), ceilDiv(of0 * ONE, product)];
}

/** The curve begun at (x, y), both in 2^-64 units. */
function shifted([K, M, N]: readonly [bigint, bigint, bigint], x: bigint, y: bigint): Moebius {
  if (x === 0n && y === 0n) return [K, 0n, N, M];
  const base = (M << FRACTION_BITS) - N * x;
  return [((y * N) << FRACTION_BITS) + ((K << FRACTION_BITS) << FRACTION_BITS), y * base - ((K * x) << FRACTION_BITS), (N << FRACTION_BITS) << FRACTION_BITS, base << FRACTION_BITS];
}
