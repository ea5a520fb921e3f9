/**
 * The size of a cycle that earns most, in the integers of the contracts.
 *
 * The closed form gives the best real size. Around it the integer profit jumps by what the pools round away, so its greatest
 * value may lie far from there: a unit of USDC in the middle of a path is worth 10^8 wei at its ends. Hence the search
 * 1. walks over the amounts z at the *coarsest* place of the path, and takes for each the least input that makes z of it: any
 *    other input with the same z costs more and gives the same;
 * 2. has bounds: no integer size earns more than the real curve, so only inputs with curve(x) ≥ best + 1 are of interest, and
 *    these are an interval, because the curve is concave; on each piece its ends are the roots of a quadratic with integer
 *    coefficients, and it may reach over several pieces.
 * Each improvement shrinks the interval. When nothing is left of it, or the best profit equals the bound of all real sizes,
 * the size is proven to be the optimum; if the evaluations are used up before, `shortfall` says by how much at most it is not.
 * A V3 pool may give a unit less for more input, where a step of the swap begins, so that with one before the coarsest place
 * the least input is no longer surely the best: there every input of the interval is tried, if the evaluations allow it.
 */
import { ceilDiv, floorDiv } from "../integer.ts";
import { NO_PREMIUM, premiumOf, type Premium } from "../lenders/premium.ts";
import { pathLeastInput, pathOutput, tokenIn, tokenOut, type Leg } from "../pools/leg.ts";
import { demand } from "../refusal.ts";
import { bestPiece, worthTrying, type Inputs } from "./best-piece.ts";
import { after, IDENTITY, type Moebius } from "./exact-curve.ts";
import { PathPieces, type PathPiece } from "./path-pieces.ts";

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
  const path = new PathPieces(legs);
  const top = bestPiece(path, premium, most ?? null);
  if (top === null || top.bound <= 0n) return null;
  const pivot = coarsest(path.piece(top.at)!, top.amountIn);
  const before = legs.slice(0, pivot);

  let best: Earned | null = null;
  let left = evaluations;
  /** Whether it is better than the best so far. */
  const attempt = (amountIn: bigint): boolean => {
    left--;
    if (amountIn <= 0n || (most !== undefined && amountIn > most)) return false;
    const amountOut = pathOutput(legs, amountIn);
    const cost = premiumOf(amountIn, premium);
    const profit = amountOut - amountIn - cost;
    if (profit <= (best?.profit ?? 0n)) return false;
    best = { amountIn, amountOut, premium: cost, profit };
    return true;
  };
  const proven = (): boolean => (best?.profit ?? 0n) >= top.bound;
  const worthwhile = (): Inputs | null => worthTrying(path, top, premium, (best?.profit ?? 0n) + 1n, most ?? null);
  const amounts = (): Interval => amountsAt(worthwhile(), pivot);

  const centre = floorDiv(...valueAt(mapBefore(path.piece(top.at)!, pivot), top.amountIn));
  let exhausted = walk(centre, amounts, (z) => attempt(pathLeastInput(before, z) ?? 0n), () => left > 0 && !proven());
  if (!proven() && before.some(({ pool }) => pool.kind === "v3")) {
    const inputs = worthwhile();
    exhausted = (inputs === null || inputs.high - inputs.low < BigInt(left))
      && walk(top.amountIn, () => amountsAt(worthwhile(), 0), attempt, () => left > 0 && !proven());
  }
  return best === null ? null : { ...(best as Earned), shortfall: exhausted || proven() ? 0n : top.bound - (best as Earned).profit };
}

type Earned = Omit<Optimum, "shortfall">;

function demandCycle(legs: readonly Leg[]): void {
  const chained = legs.every((leg, at) => tokenOut(leg).address === tokenIn(legs[(at + 1) % legs.length]!).address);
  demand(legs.length >= 2 && chained, "invalid_cycle", () => `a path of ${legs.length} swaps that ${chained ? "is too short" : "does not lead back, token by token"}: at least 2, in a circle`);
  demand(new Set(legs.map(({ pool }) => pool.id)).size === legs.length, "invalid_cycle", () => "a cycle that uses a pool twice: the first swap changes its state");
}

/** Leg before which a unit is worth most at the best size: dx/dz there is (c·x + d)² / (a·d − b·c) of the legs before it. */
function coarsest({ maps }: PathPiece, amountIn: bigint): number {
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

interface Interval { low: bigint; high: bigint }

/** Of the amounts that reach leg `pivot`: what other inputs make lies outside. */
function amountsAt(inputs: Inputs | null, pivot: number): Interval {
  if (inputs === null) return { low: 1n, high: 0n };
  const { low, high, lowOn, highOn } = inputs;
  if (pivot === 0) return { low, high };
  const least = floorDiv(...valueAt(mapBefore(lowOn, pivot), low));
  return { low: least > 0n ? least : 1n, high: ceilDiv(...valueAt(mapBefore(highOn, pivot), high)) };
}

const mapBefore = ({ maps }: PathPiece, pivot: number): Moebius => maps.slice(0, pivot).reduce((map, next) => after(next, map), IDENTITY);

const valueAt = ([a, b, c, d]: Moebius, x: bigint): [numerator: bigint, denominator: bigint] => [a * x + b, c * x + d];

/**
 * Tries the numbers of an interval from the centre to both sides, by turns, and on one side alone once the other is done.
 *
 * @param interval shrinks with each number that is better than all before @returns whether all of it was tried
 */
function walk(centre: bigint, interval: () => Interval, attempt: (value: bigint) => boolean, goOn: () => boolean): boolean {
  let { low, high } = interval();
  let [up, down] = [centre, centre - 1n];
  while (up <= high || down >= low) {
    if (!goOn()) return false;
    if (up < low) up = low;
    if (down > high) down = high;
    const upwards = up <= high && (down < low || up - centre <= centre - down);
    if (attempt(upwards ? up++ : down--)) ({ low, high } = interval());
  }
  return true;
}
