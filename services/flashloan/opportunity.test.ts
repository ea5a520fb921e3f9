import assert from "node:assert/strict";
import fc from "fast-check";
import { lenderId, type AaveV3, type BalancerV2, type Lender } from "./lenders/lender.ts";
import { enumerateCycles } from "./market/cycles.ts";
import type { Market } from "./market/market.ts";
import { appraise, bestOpportunities, type Conditions } from "./opportunity.ts";
import { pathOutput } from "./pools/leg.ts";
import type { PairPool } from "./pools/pool.ts";
import { token } from "./pools/token.ts";
import { Scanner } from "./sizing/scanner.ts";
import { markets } from "./testing/markets.ts";
import { circle, poolBetween, tokenNumber } from "./testing/pools.ts";
import { aRefusal } from "./testing/refusals.ts";

const e18 = 10n ** 18n;
const base = tokenNumber(0).address;
/** WETH and USDC at 2100 and 2000, as on the notes' chain. */
const legs = circle([{ feePips: 3_000, reserves: [800n * e18, 1_680_000_000_000n] }, { feePips: 3_000, reserves: [2_000_000_000_000n, 1_000n * e18] }]);
const aave: AaveV3 = { kind: "aave-v3", address: "0xaa", premiumBps: 5, rounding: "half-up", available: { [base]: 1_000n * e18 } };
const balancer: BalancerV2 = { kind: "balancer-v2", address: "0xba", feeFraction: 0n, available: { [base]: 500n * e18 } };
const pairs: Lender[] = legs.map(({ pool }) => ({ kind: "uniswap-v2", pool: pool as PairPool }));
const conditions = (lenders: readonly Lender[], gwei = 1n): Conditions => ({ lenders, gasPrice: { weiPerGas: gwei * 10n ** 9n, basePerWei: [1n, 1n] } });

describe("an opportunity", () => {
  it("goes to the cheapest lender: the first leg's pair, then Balancer, then Aave", () => {
    const all = appraise(legs, conditions([aave, balancer, ...pairs]));
    assert.equal(lenderId(all.best!.lender), legs[0]!.pool.id);
    assert.deepEqual(all.refused.map(({ lender, reason }) => [lender, reason]), [[legs[1]!.pool.id, "lender_is_leg"]]);
    assert.equal(appraise(legs, conditions([aave, balancer])).best!.lender, balancer);
    assert.equal(appraise(legs, conditions([aave])).best!.lender, aave);
  });

  it("has a net profit that adds up: output less input, premium and gas", () => {
    for (const lender of [aave, balancer, pairs[0]!]) {
      const { amountIn, amountOut, premium, profit, gasCost, gas, netProfit } = appraise(legs, conditions([lender], 30n)).best!;
      assert.equal(pathOutput(legs, amountIn), amountOut);
      assert.equal(profit, amountOut - amountIn - premium);
      assert.equal(gasCost, BigInt(gas) * 30n * 10n ** 9n);
      assert.equal(netProfit, profit - gasCost);
    }
  });

  it("is smaller where the lender has less, and goes elsewhere when that costs more than a premium", () => {
    const short: BalancerV2 = { ...balancer, available: { [base]: e18 } };
    // All but what would buy no further unit of USDC.
    const { amountIn } = appraise(legs, conditions([short])).best!;
    assert.ok(amountIn <= e18 && amountIn > e18 - 10n ** 9n, `${amountIn}`);
    assert.equal(appraise(legs, conditions([short, aave])).best!.lender, aave);
    assert.equal(appraise(legs, conditions([{ ...balancer, available: { [base]: 9n * e18 } }, aave])).best!.lender.kind, "balancer-v2");
  });

  it("is none when gas costs more than it earns, or nobody lends", () => {
    assert.equal(appraise(legs, conditions([aave, balancer, ...pairs], 10_000n)).best, null);
    assert.equal(appraise(legs, conditions([])).best, null);
    assert.deepEqual(appraise(legs, conditions([{ ...aave, available: {} }])).refused.map(({ reason }) => reason), ["insufficient_liquidity"]);
  });

  it("is refused with tokens of 0 or 30 decimals, and for lenders that are none", () => {
    for (const decimals of [0, 30]) {
      const odd = token(tokenNumber(1).address, decimals, "ODD");
      const through = [poolBetween(0, tokenNumber(0), odd, { feePips: 3_000, reserves: [10n, 20n] }), poolBetween(1, tokenNumber(0), odd, { feePips: 3_000, reserves: [20n, 10n] })];
      const cycle = through.map((pool, at) => ({ pool, zeroForOne: at === 0 }));
      assert.throws(() => appraise(cycle, conditions([balancer])), aRefusal("untradable_token", new RegExp(`ODD has ${decimals} decimals: from 1 to 29`)));
    }
    assert.throws(() => appraise(legs, conditions([{ kind: "euler" } as unknown as Lender])), aRefusal("unknown_lender", /"euler"/));
  });
});

describe("the best opportunities of a scan", () => {
  const lender: BalancerV2 = { ...balancer, available: { [base]: 10n ** 30n } };
  const of = (market: Market, most: number) => {
    const cycles = enumerateCycles(market, [market.tokens[0]!.address]);
    const search = { ...conditions([{ ...lender, available: { [market.tokens[0]!.address]: 10n ** 30n } }], 0n), most };
    return { cycles, search, found: new Scanner(market, cycles).all({ floors: [1] }) };
  };

  it("are those of all cycles, though only the first few are sized", () => {
    fc.assert(fc.property(markets({ pools: 14, v3: true }), fc.integer({ min: 1, max: 4 }), (market, most) => {
      const { cycles, search, found } = of(market, most);
      const every = found.flatMap(({ cycle }) => appraise(market.legsOf(cycles.hops.subarray(cycles.start[cycle], cycles.start[cycle + 1])), search).best ?? []);
      const expected = every.map(({ netProfit }) => netProfit).sort((a, b) => (a < b ? 1 : a > b ? -1 : 0)).slice(0, most);
      assert.deepEqual(bestOpportunities(market, cycles, found, search).map(({ netProfit }) => netProfit), expected);
    }), { numRuns: 60 });
  });

  it("are refused where none is asked for", () => {
    fc.assert(fc.property(markets(), (market) => {
      const { cycles, search, found } = of(market, 1);
      assert.throws(() => bestOpportunities(market, cycles, found, { ...search, most: 0 }), aRefusal("invalid_amount", /0 opportunities/));
    }), { numRuns: 1 });
  });
});
