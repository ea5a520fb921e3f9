import assert from "node:assert/strict";
import fc from "fast-check";
import { PIPS } from "../integer.ts";
import type { PairPool, RangePool } from "../pools/pool.ts";
import { circle, concentrated, magnitude, poolBetween, tokenNumber } from "../testing/pools.ts";
import { aRefusal } from "../testing/refusals.ts";
import { gasCost, gasOf } from "./gas.ts";
import { termsOf, type AaveV3, type BalancerV2, type Lender } from "./lender.ts";
import { premiumOf } from "./premium.ts";

const base = tokenNumber(0).address;
const legs = circle([{ feePips: 3_000, reserves: [1_000_000n, 1_000_000n] }, { feePips: 3_000, reserves: [1_000_000n, 1_100_000n] }]);
const aave = (terms: Partial<AaveV3> = {}): AaveV3 => ({ kind: "aave-v3", address: "0xAAve", premiumBps: 5, rounding: "half-up", available: { [base]: 10n ** 24n }, ...terms });
const balancer = (terms: Partial<BalancerV2> = {}): BalancerV2 => ({ kind: "balancer-v2", address: "0xba12", feeFraction: 0n, available: { [base]: 10n ** 24n }, ...terms });
const premium = (lender: Lender, amount: bigint): bigint => premiumOf(amount, termsOf(lender, legs).premium);
const pair = (place: number, feePips = 3_000, reserve = 10n ** 30n) => poolBetween(place, tokenNumber(0), tokenNumber(9), { feePips, reserves: [reserve, reserve] }) as PairPool;

describe("lenders", () => {
  it("take Aave's premium as its version rounds it: half up, or up", () => {
    // percentMul: (value · bps + 5000) / 10000; percentMulCeil: a rest counts as one.
    assert.deepEqual([999n, 1_000n, 1_001n, 2_999n, 3_000n].map((amount) => premium(aave(), amount)), [0n, 1n, 1n, 1n, 2n]);
    assert.deepEqual([1n, 2_000n, 2_001n].map((amount) => premium(aave({ rounding: "up" }), amount)), [1n, 1n, 2n]);
    fc.assert(fc.property(magnitude(112), fc.integer({ min: 0, max: 10_000 }), (amount, bps) =>
      premium(aave({ premiumBps: bps }), amount) === (amount * BigInt(bps) + 5_000n) / 10_000n));
  });

  it("take nothing at Balancer, unless governance says so: then rounded up", () => {
    assert.equal(premium(balancer(), 10n ** 18n), 0n);
    assert.deepEqual([premium(balancer({ feeFraction: 10n ** 14n }), 10_000n), premium(balancer({ feeFraction: 10n ** 14n }), 10_001n)], [1n, 2n]);
  });

  it("take Uniswap V3's fee rounded up", () => {
    fc.assert(fc.property(concentrated(), magnitude(100), (curve, amount) => {
      const pool = poolBetween(7, tokenNumber(0), tokenNumber(9), curve) as RangePool;
      const taken = premium({ kind: "uniswap-v3", pool, available: { [base]: 10n ** 40n } }, amount);
      const exact = amount * BigInt(pool.feePips);
      return taken * PIPS >= exact && (taken - 1n) * PIPS < exact;
    }));
  });

  it("take of a Uniswap V2 pair the least premium with which the pair is content", () => {
    fc.assert(fc.property(magnitude(90), fc.constantFrom(500, 2_500, 3_000), (amount, feePips) => {
      const reserve = 1n << 100n;
      const taken = premium({ kind: "uniswap-v2", pool: pair(7, feePips, reserve) }, amount);
      // UniswapV2Pair.swap: balance adjusted by the fee on all that came in, against the old reserve.
      const content = (paid: bigint): boolean => (reserve + paid) * PIPS - (amount + paid) * BigInt(feePips) >= reserve * PIPS;
      return content(taken) && !content(taken - 1n);
    }));
  });

  it("let a Uniswap V2 pair that is the first leg pay out first, without a premium", () => {
    const { premium: none, firstLegLends } = termsOf({ kind: "uniswap-v2", pool: legs[0]!.pool as PairPool }, legs);
    assert.deepEqual([premiumOf(10n ** 18n, none), firstLegLends], [0n, true]);
  });

  it("are refused where the pool that lends is also a leg, and so is locked", () => {
    assert.throws(() => termsOf({ kind: "uniswap-v2", pool: legs[1]!.pool as PairPool }, legs), aRefusal("lender_is_leg", /is leg 2 of the cycle: it is locked/));
    fc.assert(fc.property(concentrated(), (curve) => {
      const mixed = circle([curve, { feePips: 3_000, reserves: [10n, 10n] }]);
      const pool = mixed[0]!.pool as RangePool;
      assert.throws(() => termsOf({ kind: "uniswap-v3", pool, available: { [base]: 1n } }, mixed), aRefusal("lender_is_leg", /is leg 1/));
    }), { numRuns: 5 });
  });

  it("are refused where they lend nothing of the token, are unknown, or ask what they cannot", () => {
    assert.throws(() => termsOf(aave({ available: {} }), legs), aRefusal("insufficient_liquidity", /has nothing of 0x/));
    assert.throws(() => termsOf({ kind: "uniswap-v2", pool: poolBetween(8, tokenNumber(3), tokenNumber(4), { feePips: 3_000, reserves: [9n, 9n] }) as PairPool }, legs), aRefusal("insufficient_liquidity", /nothing of/));
    assert.throws(() => termsOf({ kind: "dydx" } as unknown as Lender, legs), aRefusal("unknown_lender", /lender "dydx": one of aave-v3, balancer-v2, uniswap-v2, uniswap-v3/));
    assert.throws(() => termsOf(aave({ premiumBps: 10_001 }), legs), aRefusal("invalid_lender", /premium of 10001 basis points/));
    assert.throws(() => termsOf(balancer({ feeFraction: 10n ** 17n }), legs), aRefusal("invalid_lender", /from 0 to 1e16/));
  });
});

describe("gas", () => {
  it("is what was measured on two V2 legs, and on a V2 and a V3 leg", () => {
    assert.deepEqual([gasOf(legs, "uniswap-v2", true), gasOf(legs, "balancer-v2", false), gasOf(legs, "uniswap-v3", false), gasOf(legs, "aave-v3", false)],
      [186_789, 234_457, 249_288, 311_881]);
    fc.assert(fc.property(concentrated(), (curve) => {
      assert.equal(gasOf(circle([{ feePips: 3_000, reserves: [10n, 10n] }, curve]), "balancer-v2", false), 257_119);
    }), { numRuns: 1 });
  });

  it("costs in the base token what it costs in wei, rounded up", () => {
    assert.equal(gasCost(200_000, { weiPerGas: 10n ** 9n, basePerWei: [1n, 1n] }), 2n * 10n ** 14n);
    // 2000 USDC of 6 decimals an ether: 0.4 USDC, and a unit for a rest.
    assert.equal(gasCost(200_000, { weiPerGas: 10n ** 9n, basePerWei: [2_000_000_000n, 10n ** 18n] }), 400_000n);
    assert.equal(gasCost(200_001, { weiPerGas: 10n ** 9n, basePerWei: [2_000_000_000n, 10n ** 18n] }), 400_002n);
    assert.equal(gasCost(1, { weiPerGas: 1n, basePerWei: [1n, 10n ** 18n] }), 1n);
    assert.throws(() => gasCost(-1, { weiPerGas: 1n, basePerWei: [1n, 1n] }), aRefusal("invalid_gas", /-1 gas/));
    assert.throws(() => gasCost(1, { weiPerGas: 1n, basePerWei: [1n, 0n] }), aRefusal("invalid_gas", /denominator/));
  });
});
