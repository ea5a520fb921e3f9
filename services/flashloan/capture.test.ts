import assert from "node:assert/strict";
import fc from "fast-check";
import type { BalancerV2 } from "./lenders/lender.ts";
import { enumerateCycles } from "./market/cycles.ts";
import type { Market } from "./market/market.ts";
import { bestOpportunities } from "./opportunity.ts";
import { Scanner } from "./sizing/scanner.ts";
import { markets } from "./testing/markets.ts";
import { everyCycle, fixedSizeNet, greatestNet, type Costs } from "./testing/rivals.ts";

/** Printed by whoever fails. */
const SEED = 6;
const MARKETS = 60;
/** More than any pool of these markets can turn into a profit. */
const MOST = 1n << 46n;
/** Pools hold some 10^12: a trade of two legs costs about what a price apart by half a per cent earns. */
const GAS = { weiPerGas: 1n, basePerWei: [100n, 1n] } as const;

describe("captured profit", function () {
  this.timeout(240_000);

  const costsOf = (market: Market): Costs => {
    const lender: BalancerV2 = { kind: "balancer-v2", address: "0xba", feeFraction: 0n, available: { [market.tokens[0]!.address]: 1n << 112n } };
    return { lender, gasPrice: GAS };
  };
  const ours = (market: Market): bigint => {
    const cycles = enumerateCycles(market, [market.tokens[0]!.address]);
    const { lender, gasPrice } = costsOf(market);
    const found = new Scanner(market, cycles).all({ floors: [1] });
    return bestOpportunities(market, cycles, found, { lenders: [lender], gasPrice, most: 1 })[0]?.netProfit ?? 0n;
  };

  it(`is at least 99.9 % of what trying everything finds, on ${MARKETS} markets, and nothing is traded where nothing is left after gas`, () => {
    const total = { ours: 0n, optimum: 0n, naive: 0n };
    let [profitable, without] = [0, 0];
    for (const [number, market] of fc.sample(markets({ tokens: 4, pools: 9, apart: 1.03, v3: true }), { seed: SEED, numRuns: MARKETS }).entries()) {
      const costs = costsOf(market);
      const base = market.tokens[0]!.address;
      const optimum = everyCycle(market.pools, base, 4).reduce((most, legs) => {
        const net = greatestNet(legs, MOST, costs);
        return net > most ? net : most;
      }, 0n);
      const captured = ours(market);
      const about = `seed ${SEED}, market ${number}: ${captured} of ${optimum}`;
      if (optimum > 0n) profitable++;
      else without++;
      assert.ok(captured * 1_000n >= optimum * 999n, about);
      assert.equal(captured > 0n, optimum > 0n, about);
      total.ours += captured;
      total.optimum += optimum;
      total.naive += fixedSizeNet(market.pools, base, 10n ** 8n, costs);
    }
    const share = (part: bigint): string => `${(Number(part) / Number(total.optimum) * 100).toFixed(4)} %`;
    console.log(`      of the optimum: ours ${share(total.ours)}, fixed sizes ${share(total.naive)}; ${profitable} markets with something to earn, ${without} without`);
    assert.ok(profitable > MARKETS / 5 && without > MARKETS / 10, `${profitable} with, ${without} without`);
    assert.ok(total.naive < total.ours);
  });
});
