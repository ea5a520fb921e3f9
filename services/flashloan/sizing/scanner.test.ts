import assert from "node:assert/strict";
import fc from "fast-check";
import { enumerateCycles } from "../market/cycles.ts";
import type { Market } from "../market/market.ts";
import { markets } from "../testing/markets.ts";
import { aRefusal } from "../testing/refusals.ts";
import { optimalSize } from "./optimum.ts";
import { Scanner, type Found } from "./scanner.ts";

const cyclesOf = (market: Market, bases = [market.tokens[0]!.address]) => enumerateCycles(market, bases);
const byCycle = (found: readonly Found[]) => found.toSorted((a, b) => a.cycle - b.cycle);

describe("a scan", () => {
  for (const v3 of [false, true]) {
    it(`finds exactly the cycles that earn something in exact integers, with the same size, ${v3 ? "ranges of Uniswap V3 included" : "on Uniswap V2"}`, () => {
      const seen = { profitable: 0, not: 0 };
      fc.assert(fc.property(markets({ v3 }), fc.constantFrom(0, 0.0005), (market, premium) => {
        const cycles = cyclesOf(market);
        const found = new Map(new Scanner(market, cycles).all({ floors: [1_000], premium }).map((entry) => [entry.cycle, entry]));
        for (let cycle = 0; cycle < cycles.count; cycle++) {
          const legs = market.legsOf(cycles.hops.subarray(cycles.start[cycle], cycles.start[cycle + 1]));
          const exact = optimalSize(legs, { premium: { numerator: BigInt(premium * 10_000), denominator: 10_000n, rounding: "up" }, evaluations: 40 });
          const scanned = found.get(cycle);
          // Floors of a few units a leg, and a double's precision, are what may lie between.
          if (exact !== null && exact.profit > 1_100n) assert.ok(scanned !== undefined, `cycle ${cycle} earns ${exact.profit}`);
          if (scanned === undefined) { seen.not++; continue; }
          seen.profitable++;
          assert.ok(exact !== null && Math.abs(Number(exact.profit) - scanned.profit) <= 30 + 1e-6 * scanned.profit, `${exact?.profit} beside ${scanned.profit}`);
        }
      }), { numRuns: 250 });
      assert.ok(seen.profitable > 200 && seen.not > 200, JSON.stringify(seen));
    });
  }

  it("of touched pools finds what a scan of all finds among their cycles, each once", () => {
    fc.assert(fc.property(markets({ pools: 14, v3: true }), fc.array(fc.nat(13), { maxLength: 5 }), (market, some) => {
      const [cycles, touched] = [cyclesOf(market), some.filter((pool) => pool < market.pools.length)];
      const scanner = new Scanner(market, cycles);
      const uses = ({ cycle }: Found) => [...cycles.hops.subarray(cycles.start[cycle], cycles.start[cycle + 1])].some((hop) => touched.includes(hop >> 1));
      assert.deepEqual(byCycle(scanner.touched(touched, { floors: [1] })), byCycle(scanner.all({ floors: [1] }).filter(uses)));
    }), { numRuns: 200 });
  });

  it("solves with the state that a pool has got since", () => {
    fc.assert(fc.property(markets(), (market) => {
      const cycles = cyclesOf(market);
      const scanner = new Scanner(market, cycles);
      scanner.all({ floors: [1] });
      const [first] = market.pools;
      market.update({ ...first!, ...(first!.kind === "v2" && { reserve0: first!.reserve0 * 2n }) } as typeof first & object);
      assert.deepEqual(scanner.all({ floors: [1] }), new Scanner(market, cycles).all({ floors: [1] }));
    }), { numRuns: 50 });
  });

  it("ranks cycles of several bases by what their floors are worth, best first", () => {
    fc.assert(fc.property(markets({ pools: 14 }), (market) => {
      const bases = [market.tokens[0]!.address, market.tokens[1]!.address];
      const cycles = cyclesOf(market, bases);
      const [scanner, floors] = [new Scanner(market, cycles), [1_000, 10]];
      for (const found of [scanner.all({ floors }), scanner.touched(market.pools.keys(), { floors })]) {
        const ranks = found.map(({ cycle, profit }) => profit / floors[scanner.baseOf(cycle)]!);
        assert.deepEqual(ranks, ranks.toSorted((a, b) => b - a));
        assert.ok(ranks.every((rank) => rank >= 1));
      }
    }), { numRuns: 100 });
  });

  it("keeps the best few alone, if told so", () => {
    fc.assert(fc.property(markets({ pools: 14 }), fc.integer({ min: 1, max: 5 }), (market, most) => {
      const scanner = new Scanner(market, cyclesOf(market));
      const profits = (found: readonly Found[]) => found.map(({ profit }) => profit);
      assert.deepEqual(profits(scanner.all({ floors: [1], most })), profits(scanner.all({ floors: [1] })).slice(0, most));
      assert.throws(() => scanner.all({ floors: [1], most: 0 }), aRefusal("invalid_amount", /the best 0/));
    }), { numRuns: 200 });
  });

  it("refuses floors that are none", () => {
    fc.assert(fc.property(markets(), (market) => {
      const scanner = new Scanner(market, cyclesOf(market));
      assert.throws(() => scanner.all({ floors: [] }), aRefusal("invalid_amount", /floors of nothing: one a base \(1\)/));
      assert.throws(() => scanner.touched([], { floors: [0] }), aRefusal("invalid_amount", /each above 0/));
    }), { numRuns: 2 });
  });
});
