import assert from "node:assert/strict";
import fc from "fast-check";
import { markets } from "../testing/markets.ts";
import { tokenNumber } from "../testing/pools.ts";
import { aRefusal } from "../testing/refusals.ts";
import { enumerateCycles, type Cycles } from "./cycles.ts";
import type { Market } from "./market.ts";

const hopsOf = ({ start, hops }: Cycles, cycle: number): number[] => [...hops.subarray(start[cycle], start[cycle + 1])];

/** Every sequence of hops, tried without thought. */
function everyCycle(market: Market, bases: number[], mostHops: number): Set<string> {
  const found = new Set<string>();
  const grow = (path: number[], base: number): void => {
    const at = path.length === 0 ? bases[base]! : market.tokenIn[path.at(-1)! ^ 1]!;
    if (path.length > 0 && at === bases[base]) {
      if (path.length > 1) found.add(path.join(" "));
      return;
    }
    if (path.length === mostHops) return;
    market.tokenIn.forEach((token, hop) => {
      const to = market.tokenIn[hop ^ 1]!;
      const passed = path.some((earlier) => earlier >> 1 === hop >> 1 || market.tokenIn[earlier] === to && to !== bases[base]);
      if (token === at && !passed && !bases.slice(0, base).includes(to)) grow([...path, hop], base);
    });
  };
  bases.forEach((_, base) => grow([], base));
  return found;
}

describe("cycles", () => {
  const bases = [tokenNumber(0).address, tokenNumber(1).address];

  it("are all there are, each once, whatever the graph", () => {
    let most = 0;
    fc.assert(fc.property(markets({ pools: 14 }), fc.integer({ min: 2, max: 4 }), (market, mostHops) => {
      const there = bases.filter((address) => market.tokens.some((token) => token.address === address));
      const cycles = enumerateCycles(market, there, { mostHops });
      const listed = Array.from({ length: cycles.count }, (_, cycle) => hopsOf(cycles, cycle).join(" "));
      most = Math.max(most, cycles.count);
      assert.equal(new Set(listed).size, listed.length);
      assert.deepEqual(new Set(listed), everyCycle(market, there.map((address) => market.tokenPlace(address)), mostHops));
    }), { numRuns: 300 });
    assert.ok(most > 50);
  });

  it("are found again from each of their pools, and from no other", () => {
    fc.assert(fc.property(markets({ pools: 14 }), (market) => {
      const cycles = enumerateCycles(market, [market.tokens[0]!.address]);
      market.pools.forEach((_, pool) => {
        const indexed = [...cycles.ofPool.subarray(cycles.poolStart[pool], cycles.poolStart[pool + 1])];
        const using = Array.from({ length: cycles.count }, (_, cycle) => cycle).filter((cycle) => hopsOf(cycles, cycle).some((hop) => hop >> 1 === pool));
        assert.deepEqual(indexed, using);
      });
    }), { numRuns: 100 });
  });

  it("take the memory that is told, and are refused beyond what is allowed before any is taken", () => {
    fc.assert(fc.property(markets({ pools: 14 }), (market) => {
      const cycles = enumerateCycles(market, [market.tokens[0]!.address]);
      assert.equal(cycles.bytes, 4 * (cycles.count + 1 + 2 * cycles.hops.length + market.pools.length + 1 + 2));
      if (cycles.count > 0) assert.throws(() => enumerateCycles(market, [market.tokens[0]!.address], { mostCycles: cycles.count - 1 }), aRefusal("too_many_cycles", /fewer pools/));
    }), { numRuns: 50 });
  });

  it("are refused for a base that no pool has, and for too many hops", () => {
    fc.assert(fc.property(markets(), (market) => {
      assert.throws(() => enumerateCycles(market, [tokenNumber(99).address]), aRefusal("unknown_token", /in no pool/));
      assert.throws(() => enumerateCycles(market, [], { mostHops: 5 }), aRefusal("invalid_cycle", /up to 5 hops: from 2 to 4/));
    }), { numRuns: 3 });
  });
});
