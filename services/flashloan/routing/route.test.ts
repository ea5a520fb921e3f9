import assert from "node:assert/strict";
import fc from "fast-check";
import { swap, type Concentrated } from "../amm/concentrated.ts";
import { getSqrtRatioAtTick } from "../amm/tick-math.ts";
import { tickTable } from "../amm/tick-table.ts";
import { enumerateCycles } from "../market/cycles.ts";
import { Market } from "../market/market.ts";
import { optimalSize } from "../sizing/optimum.ts";
import { Scanner } from "../sizing/scanner.ts";
import { markets } from "../testing/markets.ts";
import { circle, concentrated, poolBetween, tokenNumber } from "../testing/pools.ts";
import { aRefusal } from "../testing/refusals.ts";
import { optimalRoute } from "./route.ts";

const arbitrage = (market: Market) => ({ worth: new Map([[market.tokens[0]!.address, 1]]) });

describe("the optimal route", () => {
  it("is worth at least what the best single cycle earns, and is reached by its own flows", () => {
    const seen = { profitable: 0, above: 0, unsettled: 0 };
    fc.assert(fc.property(markets({ pools: 14, v3: true }), (market) => {
      const route = optimalRoute(market, arbitrage(market));
      const best = new Scanner(market, enumerateCycles(market, [market.tokens[0]!.address])).all({ floors: [1] })[0]?.profit ?? 0;
      assert.ok(route.bound >= best * (1 - 1e-9), `${route.bound} beside ${best}`);
      // Below that, on reserves of 10^12, the difference of large amounts has no digits left.
      if (best < 1_000_000) return;
      seen.profitable++;
      if (!route.converged) { seen.unsettled++; return; }
      if (route.bound > best * 1.001) seen.above++;
      assert.ok(Math.abs(route.value - route.bound) <= 1e-5 * route.bound && route.shortage <= 1e-5 * route.bound,
        `bound ${route.bound}, value ${route.value}, shortage ${route.shortage}, ${route.iterations} iterations`);
    }), { numRuns: 300 });
    // Splitting is what cycles cannot do: often there is more to be had.
    assert.ok(seen.profitable > 100 && seen.above > 50 && seen.unsettled < 0.1 * seen.profitable, JSON.stringify(seen));
  });

  it("agrees with the exact size of a cycle where there is only one", () => {
    const reserves = fc.tuple(fc.double({ min: 1e11, max: 1e13, noNaN: true }), fc.double({ min: 0.5, max: 2, noNaN: true }))
      .map(([size, price]) => ({ feePips: 3_000, reserves: [BigInt(Math.round(size)), BigInt(Math.round(size * price))] as const }));
    const ranged = concentrated({ spread: 3_000, bits: 43, around: fc.integer({ min: -5_000, max: 5_000 }) }).filter(({ ticks }) => ticks.index.length > 0);
    let [compared, unsettled] = [0, 0];
    fc.assert(fc.property(fc.array(fc.oneof(reserves, ranged), { minLength: 2, maxLength: 4 }), (curves) => {
      const legs = circle(curves);
      const market = new Market(legs.map(({ pool }) => pool));
      const there = optimalSize(legs)?.profit ?? 0n;
      const back = optimalSize(legs.toReversed().map(({ pool, zeroForOne }) => ({ pool, zeroForOne: !zeroForOne })))?.profit ?? 0n;
      const expected = Number(there > back ? there : back);
      const { bound, converged } = optimalRoute(market, { worth: new Map([[tokenNumber(0).address, 1]]) }, { precision: 1e-8 });
      // A bound it is in any case; ranges whose liquidity differs by many orders may keep it from being the least one.
      assert.ok(bound >= expected * (1 - 1e-9) - 1, `${bound} below ${expected}`);
      if (!converged) { unsettled++; return; }
      if (expected > 1e6) compared++;
      assert.ok(Math.abs(bound - expected) <= 100 + 1e-6 * expected, `${bound} beside ${expected}`);
    }), { numRuns: 300 });
    assert.ok(compared > 100 && unsettled < 30, `${compared} compared, ${unsettled} unsettled`);
  });

  it("splits an order over pools as one deep pool would fill it, and fills it across ranges as Uniswap V3 does", () => {
    const half = { feePips: 3_000, reserves: [10n ** 12n, 2n * 10n ** 12n] as const };
    const [from, to] = [tokenNumber(0), tokenNumber(1)];
    const order = (market: Market, amount: number) =>
      optimalRoute(market, { worth: new Map([[to.address, 1]]), brings: new Map([[from.address, amount]]) }, { precision: 1e-9 });
    const split = order(new Market([poolBetween(0, from, to, half), poolBetween(1, from, to, half)]), 1e11);
    assert.ok(Math.abs(split.bound / ((0.997e11 * 4e12) / (2e12 + 0.997e11)) - 1) < 1e-6);
    assert.deepEqual(split.flows.map(({ amountIn }) => Math.round(amountIn / 1e7)), [5_000, 5_000]);

    const ranged = concentrated({ spread: 3_000, bits: 60, around: fc.constant(0) }).filter(({ ticks }) => ticks.index.length > 0);
    let settled = 0;
    const fill = (curve: Concentrated, amount: number): void => {
      const exact = swap(curve, BigInt(Math.round(amount)), true);
      fc.pre(exact.unfilled === 0n && exact.amountOut > 1_000_000n);
      const { bound, converged } = order(new Market([poolBetween(0, from, to, curve)]), amount);
      const ratio = bound / Number(exact.amountOut);
      assert.ok(ratio > 1 - 1e-6, `${bound} below ${exact.amountOut}`);
      if (!converged) return;
      settled++;
      assert.ok(ratio < 1 + 1e-4, `${bound} above ${exact.amountOut}`);
    };
    fc.assert(fc.property(ranged, fc.double({ min: 1e6, max: 1e14, noNaN: true }), fill), { numRuns: 200 });
    assert.ok(settled > 100, `${settled} settled`);
    // Nothing between two ranges: the price falls until what is missing costs nothing, which once passed for balanced.
    const gap: Concentrated = {
      feePips: 2_500, tickSpacing: 50, tick: 0, sqrtPriceX96: getSqrtRatioAtTick(0), liquidity: 2n ** 32n,
      ticks: tickTable([
        { index: -1_500, liquidityNet: 2n ** 31n }, { index: -850, liquidityNet: -(2n ** 31n) },
        { index: 0, liquidityNet: 2n ** 32n }, { index: 50, liquidityNet: -(2n ** 32n) },
      ], 50),
    };
    fill(gap, 68_916_560.6);
    fill(gap, 68_000_000);
  });

  it("respects every pool: the product of its reserves does not fall", () => {
    fc.assert(fc.property(markets({ pools: 14 }), (market) => {
      for (const { hop, amountIn, amountOut } of optimalRoute(market, arbitrage(market)).flows) {
        const [price, depth] = [market.curve[2 * hop]!, market.curve[2 * hop + 1]!];
        // A small amount is the difference of large ones: as exact as they are.
        assert.ok(amountOut <= (price * amountIn) / (1 + depth * amountIn) + (1e-12 * price) / depth);
      }
    }), { numRuns: 100 });
  });

  it("refuses objectives without a meaning", () => {
    fc.assert(fc.property(markets(), (market) => {
      assert.throws(() => optimalRoute(market, { worth: new Map() }), aRefusal("invalid_objective", /no token is worth anything/));
      assert.throws(() => optimalRoute(market, { worth: new Map([[market.tokens[0]!.address, -1]]) }), aRefusal("invalid_objective", /worth -1/));
      assert.throws(() => optimalRoute(market, { worth: new Map([[tokenNumber(99).address, 1]]) }), aRefusal("unknown_token", /in no pool/));
    }), { numRuns: 2 });
  });
});
