/** Small random markets for property tests. */
import fc from "fast-check";
import { Market } from "../market/market.ts";
import { concentrated, poolBetween, tokenNumber, type Curve } from "./pools.ts";

/** Of reserves near 10^12 with prices within a factor of `apart`, so that cycles are profitable now and then. */
const pair = (apart: number): fc.Arbitrary<Curve> => fc.record({
  feePips: fc.constantFrom(500, 3_000, 10_000), size: fc.double({ min: 1e11, max: 1e13, noNaN: true }), price: fc.double({ min: 1 / apart, max: apart, noNaN: true }),
}).map(({ feePips, size, price }) => ({ feePips, reserves: [BigInt(Math.round(size)), BigInt(Math.round(size * price))] as const }));

/** Near the same prices and sizes, with liquidity around the price. */
const ranged = concentrated({ spread: 3_000, bits: 43, around: fc.integer({ min: -300, max: 300 }) }).filter(({ ticks }) => ticks.index.length > 0);

export interface MarketShape { tokens?: number; pools?: number; apart?: number; v3?: boolean }

export function markets({ tokens = 5, pools = 10, apart = 1.05, v3 = false }: MarketShape = {}): fc.Arbitrary<Market> {
  const curve = v3 ? fc.oneof(pair(apart), ranged) : pair(apart);
  const pool = fc.record({ a: fc.nat(tokens - 1), b: fc.nat(tokens - 1), curve }).filter(({ a, b }) => a !== b);
  return fc.array(pool, { minLength: 2, maxLength: pools })
    .map((some) => new Market(some.map(({ a, b, curve }, place) => poolBetween(place, tokenNumber(a), tokenNumber(b), curve))));
}
