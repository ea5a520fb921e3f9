import assert from "node:assert/strict";
import fc from "fast-check";
import { legOutput } from "../pools/leg.ts";
import { markets } from "../testing/markets.ts";
import { poolBetween, tokenNumber } from "../testing/pools.ts";
import { aRefusal } from "../testing/refusals.ts";
import { Market } from "./market.ts";

const pool = (place: number, from: number, to: number, reserves: [bigint, bigint], feePips = 3_000) => poolBetween(place, tokenNumber(from), tokenNumber(to), { feePips, reserves });

describe("a market", () => {
  it("has for each hop a curve that a small swap follows, on both kinds of pool", () => {
    fc.assert(fc.property(markets({ v3: true }), fc.double({ min: 1e8, max: 1e9, noNaN: true }), (market, x) => {
      market.tokenIn.forEach((_, hop) => {
        const [price, depth] = [market.curve[2 * hop]!, market.curve[2 * hop + 1]!];
        const end = market.ranged[hop >> 1] ? market.rangeCurve(hop).piece(0)?.end ?? 0 : Infinity;
        if (x > end) return;
        const exact = Number(legOutput(market.legsOf([hop])[0]!, BigInt(Math.round(x))));
        const expected = (price * x) / (1 + depth * x);
        // A swap rounds at the end of each word of the pool's bitmap.
        assert.ok(Math.abs(exact - expected) <= 30 + expected * 1e-9, `${exact} beside ${expected}`);
      });
    }), { numRuns: 200 });
  });

  it("lists the hops of each token, and the token at the other end of each", () => {
    const market = new Market([pool(0, 0, 1, [10n, 20n]), pool(1, 1, 2, [30n, 40n])]);
    const place = market.tokenPlace(tokenNumber(1).address);
    const hops = [...market.hops.subarray(market.hopsStart[place], market.hopsStart[place + 1])];
    assert.deepEqual(hops.map((hop) => market.tokens[market.tokenIn[hop ^ 1]!]!.address).toSorted(), [tokenNumber(0).address, tokenNumber(2).address]);
  });

  it("takes a pool's new state, and solves with it", () => {
    const market = new Market([pool(0, 0, 1, [10n, 20n])]);
    const before = market.curve.slice();
    assert.equal(market.update(pool(0, 0, 1, [20n, 10n])), 0);
    assert.equal(market.curve[0], before[0]! / 4);
  });

  it("refuses pools that are there twice, or that it does not know", () => {
    assert.throws(() => new Market([pool(0, 0, 1, [1n, 1n]), pool(0, 0, 1, [1n, 1n])]), aRefusal("duplicate_pool", /is there twice/));
    const market = new Market([pool(0, 0, 1, [1n, 1n])]);
    assert.throws(() => market.update(pool(1, 0, 1, [1n, 1n])), aRefusal("unknown_pool", /not in this market of 1 pools/));
    assert.throws(() => market.update(pool(0, 0, 2, [1n, 1n])), aRefusal("unknown_pool", /the market knows it with/));
    assert.throws(() => market.tokenPlace(tokenNumber(7).address), aRefusal("unknown_token", /in no pool/));
  });
});
