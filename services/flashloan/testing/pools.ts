/** Generators of pool states for property tests. */
import fc from "fast-check";
import { liquidityAt, tickTable, type Tick } from "../amm/tick-table.ts";
import { getSqrtRatioAtTick, MAX_TICK, MIN_TICK } from "../amm/tick-math.ts";
import type { Concentrated } from "../amm/concentrated.ts";
import type { Leg } from "../pools/leg.ts";
import { pairPool, type Pool } from "../pools/pool.ts";
import { token, type Token } from "../pools/token.ts";

/** Numbers of every magnitude from `least` to `bits` binary digits. */
export const magnitude = (bits: number, least = 1): fc.Arbitrary<bigint> =>
  fc.integer({ min: least, max: bits }).chain((n) => fc.bigInt({ min: 1n << BigInt(n - 1), max: (1n << BigInt(n)) - 1n }));

/** Fee tiers of Uniswap V3 with their spacings, and one of a fork. */
const TIERS: readonly (readonly [feePips: number, tickSpacing: number])[] = [[100, 1], [500, 10], [3_000, 60], [10_000, 200], [2_500, 50]];

interface Shape {
  /** Ticks around the start within which positions lie. */
  spread?: number;
  /** Of the liquidity of one position, in bits. */
  bits?: number;
  /** Start of the price, in ticks. */
  around?: fc.Arbitrary<number>;
}

/** Pools with up to eight overlapping positions, and gaps between them as chance has it. */
export function concentrated({ spread = 20_000, bits = 90, around = fc.integer({ min: -400_000, max: 400_000 }) }: Shape = {}): fc.Arbitrary<Concentrated> {
  const position = fc.record({ from: fc.integer({ min: -spread, max: spread }), width: fc.integer({ min: 1, max: spread }), liquidity: magnitude(bits, bits >> 1) });
  return fc.record({
    tier: fc.constantFrom(...TIERS), start: around, offset: fc.integer({ min: -spread >> 1, max: spread >> 1 }), within: fc.double({ min: 0, max: 0.999, noNaN: true }),
    positions: fc.array(position, { minLength: 1, maxLength: 8 }),
  }).map(({ tier: [feePips, tickSpacing], start, offset, within, positions }) => {
    const nets = new Map<number, bigint>();
    const onSpacing = (tick: number): number =>
      Math.max(Math.ceil(MIN_TICK / tickSpacing), Math.min(Math.floor(MAX_TICK / tickSpacing), Math.floor(tick / tickSpacing))) * tickSpacing;
    for (const { from, width, liquidity } of positions) {
      const [lower, upper] = [onSpacing(start + from), onSpacing(start + from + width + tickSpacing)];
      if (lower === upper) continue;
      nets.set(lower, (nets.get(lower) ?? 0n) + liquidity);
      nets.set(upper, (nets.get(upper) ?? 0n) - liquidity);
    }
    const ticks: Tick[] = [...nets].filter(([, net]) => net !== 0n).map(([index, liquidityNet]) => ({ index, liquidityNet })).toSorted((a, b) => a.index - b.index);
    const table = tickTable(ticks, tickSpacing);
    const tick = Math.max(MIN_TICK + 1, Math.min(MAX_TICK - 1, start + offset));
    const [low, high] = [getSqrtRatioAtTick(tick), getSqrtRatioAtTick(tick + 1)];
    const sqrtPriceX96 = low + ((high - low) * BigInt(Math.floor(within * 1e6))) / 1_000_000n;
    return { feePips, tickSpacing, ticks: table, tick, sqrtPriceX96, liquidity: liquidityAt(table, tick) };
  });
}

/** Token n, with addresses in the order of their numbers. */
export const tokenNumber = (n: number, decimals = 18): Token => token(`0x${(n + 1).toString(16).padStart(40, "0")}`, decimals);

const poolNumber = (n: number): string => `0xf${n.toString(16).padStart(39, "0")}`;

/** A state of either kind, without tokens: the number of its place gives them. */
export type Curve = { feePips: number; reserves: readonly [bigint, bigint] } | Concentrated;

/** A pool between two tokens: what is said to go in is sorted into place. */
export function poolBetween(place: number, from: Token, to: Token, curve: Curve): Pool {
  const forwards = from.address < to.address;
  const [token0, token1] = forwards ? [from, to] : [to, from];
  const common = { id: poolNumber(place), token0, token1, feePips: curve.feePips };
  if (!("reserves" in curve)) return { ...curve, ...common, kind: "v3" };
  const [reserveFrom, reserveTo] = curve.reserves;
  return pairPool({ ...common, reserve0: forwards ? reserveFrom : reserveTo, reserve1: forwards ? reserveTo : reserveFrom });
}

/** A circle of pools, one leg a curve, from token 0 back to token 0. */
export function circle(curves: readonly Curve[]): Leg[] {
  const tokens = curves.map((_, n) => tokenNumber(n));
  return curves.map((curve, n) => {
    const [from, to] = [tokens[n]!, tokens[(n + 1) % tokens.length]!];
    // Between two tokens a circle of two has two pools.
    return { pool: poolBetween(n, from, to, curve), zeroForOne: from.address < to.address };
  });
}
