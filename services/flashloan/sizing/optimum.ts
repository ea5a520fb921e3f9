/**
 * The size of a cycle that earns most, in the integers of the contracts.
 *
 * The closed form gives the best real size. Around it the integer profit jumps by what the pools round away, so its greatest
 * value may lie far from there: a unit of USDC in the middle of a path is worth 10^8 wei at its ends. Hence the search
 * 1. walks over the amounts z at the *coarsest* place of the path, and takes for each the least input that makes z of it: any
 *    other input with the same z costs more and gives the same;
 * 2. has bounds: no integer size earns more than the real curve, so only z with curve(z) ≥ best + 1 are of interest, and
 *    these are an interval, because the curve is concave; its ends are the roots of a quadratic with integer coefficients.
 * Each improvement shrinks the interval. When nothing is left of it, or the best profit equals the bound of all real sizes,
 * the size is proven to be the optimum; if the evaluations are used up before, `shortfall` says by how much at most it is not.
 * A V3 pool may give a unit less for more input, where a step of the swap begins, so that with one before the coarsest place
 * the least input is no longer surely the best: there only the bound proves.
 */
import { ceilDiv, floorDiv, isqrt } from "../integer.ts";
import { NO_PREMIUM, premiumOf, type Premium } from "../lenders/premium.ts";
import { pathLeastInput, pathOutput, tokenIn, tokenOut, type Leg } from "../pools/leg.ts";
import { demand } from "../refusal.ts";
import { bestPiece, type BestPiece } from "./best-piece.ts";
import { after, IDENTITY, type Moebius } from "./exact-curve.ts";

export interface OptimumOptions {
  /** Of the loan; none by default. */
  premium?: Premium;
  /** Greatest loan there is, in the base token's smallest unit. */
  most?: bigint;
  /** Sizes tried at most; 1 µs each for a V2 leg, 10 for a V3 leg. */
  evaluations?: number;
}

export interface Optimum {
  /** Of the base token's smallest unit, as all amounts here. */
  readonly amountIn: bigint;
  readonly amountOut: bigint;
  readonly premium: bigint;
  /** amountOut − amountIn − premium. */
  readonly profit: bigint;
  /** By how much another size might earn more, at most; 0 when this one is proven to be the best. */
  readonly shortfall: bigint;
}

/**
 * The most profitable size of a cycle; null where none of those tried earns anything before gas.
 *
 * @param legs from the base token back to it, each on a pool of its own
 * @throws {Refusal} `invalid_cycle`; `invalid_amount` for a loan of nothing
 */
export function optimalSize(legs: readonly Leg[], { premium = NO_PREMIUM, most, evaluations = 256 }: OptimumOptions = {}): Optimum | null {
  demandCycle(legs);
  demand(most === undefined || most > 0n, "invalid_amount", () => `a greatest loan of ${most}: at least 1`);
  const piece = bestPiece(legs, premium, most ?? null);
  if (piece === null || piece.bound <= 0n) return null;
  const pivot = coarsest(piece);
  const [before, behind] = [legs.slice(0, pivot), legs.slice(pivot)];
  const curve = composed(piece, pivot);

  const earned = (z: bigint): Earned | null => {
    const amountIn = pathLeastInput(before, z);
    if (amountIn === null || amountIn <= 0n || (most !== undefined && amountIn > most)) return null;
    const amountOut = pathOutput(behind, pivot === 0 ? amountIn : pathOutput(before, amountIn));
    const cost = premiumOf(amountIn, premium);
    return { amountIn, amountOut, premium: cost, profit: amountOut - amountIn - cost };
  };
  const interval = (profit: bigint): Interval => worthTrying(curve, premium, profit + 1n, limits(piece, curve.before));

  const centre = valueAt(curve.before, piece.amountIn);
  let best: Earned | null = null;
  let [up, down, { low, high, whole }] = [centre, centre - 1n, interval(0n)];
  for (let left = evaluations; left > 0 && (up <= high || down >= low) && (best === null || best.profit < piece.bound); left--) {
    if (up < low) up = low;
    if (down > high) down = high;
    // By turns, and on one side alone once the other is done.
    const upwards = up <= high && (down < low || up - centre <= centre - down);
    const found = earned(upwards ? up++ : down--);
    if (found === null || found.profit <= (best?.profit ?? 0n)) continue;
    best = found;
    ({ low, high, whole } = interval(best.profit));
  }
  if (best === null) return null;
  const exhausted = whole && piece.within && up > high && down < low && before.every(({ pool }) => pool.kind === "v2");
  const proven = exhausted || best.profit >= piece.bound;
  return { ...best, shortfall: proven ? 0n : piece.bound - best.profit };
}

type Earned = Omit<Optimum, "shortfall">;

function demandCycle(legs: readonly Leg[]): void {
  const chained = legs.every((leg, at) => tokenOut(leg).address === tokenIn(legs[(at + 1) % legs.length]!).address);
  demand(legs.length >= 2 && chained, "invalid_cycle", () => `a path of ${legs.length} swaps that ${chained ? "is too short" : "does not lead back, token by token"}: at least 2, in a circle`);
  demand(new Set(legs.map(({ pool }) => pool.id)).size === legs.length, "invalid_cycle", () => "a cycle that uses a pool twice: the first swap changes its state");
}

/** What x becomes, rounded down, at least 1. */
function valueAt([a, b, c, d]: Moebius, x: bigint): bigint {
  const value = floorDiv(a * x + b, c * x + d);
  return value > 0n ? value : 1n;
}

/** Leg before which a unit is worth most at the best size: dx/dz there is (c·x + d)² / (a·d − b·c) of the legs before it. */
function coarsest({ maps, amountIn }: BestPiece): number {
  let [map, place, most] = [IDENTITY, 0, PRECISION];
  for (let leg = 1; leg < maps.length; leg++) {
    map = after(maps[leg - 1]!, map);
    const [a, b, c, d] = map;
    const worth = ((c * amountIn + d) ** 2n * PRECISION) / (a * d - b * c);
    if (worth > most) [place, most] = [leg, worth];
  }
  return place;
}

const PRECISION = 1n << 64n;

interface Split { readonly before: Moebius; readonly behind: Moebius }

function composed({ maps }: BestPiece, pivot: number): Split {
  const fold = (some: readonly Moebius[]): Moebius => some.reduce<Moebius>((map, next) => after(next, map), IDENTITY);
  return { before: fold(maps.slice(0, pivot)), behind: fold(maps.slice(pivot)) };
}

interface Interval { low: bigint; high: bigint; /** Nothing of interest lies outside. */ whole: boolean }

interface Limits { first: bigint; last: bigint | null; lastOfAll: boolean }

/** Amounts at the pivot between which the piece holds. */
function limits({ started, end, loanEnds }: BestPiece, [a, b, c, d]: Moebius): Limits {
  const first = started === 0n ? 1n : ceilDiv(a * started + b, c * started + d);
  return { first, last: end === null ? null : floorDiv(a * end + b, c * end + d), lastOfAll: loanEnds };
}

/** The amounts z at the pivot for which the real curve still earns `wanted`, less what a premium may be rounded down. */
function worthTrying({ before, behind }: Split, premium: Premium, wanted: bigint, { first, last, lastOfAll }: Limits): Interval {
  const [a, b, c, d] = before;
  const [A, B, C, D] = behind;
  const [num, den] = [premium.numerator + premium.denominator, premium.denominator];
  const twice = 2n * wanted - (premium.rounding === "half-up" ? 1n : 0n);
  // behind(z) − q·before⁻¹(z) ≥ wanted, multiplied by both denominators, which are positive on the piece: −α·z² + β·z + γ ≥ 0.
  const alpha = 2n * den * A * c + 2n * num * d * C - twice * den * C * c;
  const beta = 2n * den * (A * a - B * c) - 2n * num * (d * D - b * C) - twice * den * (C * a - D * c);
  const gamma = 2n * den * B * a + 2n * num * b * D - twice * den * D * a;
  const discriminant = beta * beta + 4n * alpha * gamma;
  if (discriminant < 0n || alpha <= 0n) return { low: 1n, high: 0n, whole: alpha > 0n };
  const root = isqrt(discriminant) + 1n;
  let [low, high, whole] = [ceilAbove((beta - root), 2n * alpha), floorDiv(beta + root, 2n * alpha), true];
  if (low < first) [low, whole] = [first, first === 1n];
  if (last !== null && high > last) [high, whole] = [last, whole && lastOfAll];
  return { low, high, whole };
}

const ceilAbove = (dividend: bigint, divisor: bigint): bigint => -floorDiv(-dividend, divisor);
