import assert from "node:assert/strict";
import fc from "fast-check";
import { swap } from "../amm/concentrated.ts";
import { NO_PREMIUM, type Premium } from "../lenders/premium.ts";
import { pathOutput } from "../pools/leg.ts";
import { bruteForceProfit } from "../testing/brute-force.ts";
import { circle, concentrated, magnitude, type Curve } from "../testing/pools.ts";
import { aRefusal } from "../testing/refusals.ts";
import { optimalSize } from "./optimum.ts";

const premium: fc.Arbitrary<Premium> = fc.constantFrom(NO_PREMIUM,
  { numerator: 5n, denominator: 10_000n, rounding: "half-up" }, { numerator: 5n, denominator: 10_000n, rounding: "up" },
  { numerator: 3_000n, denominator: 997_000n, rounding: "up" }, { numerator: 9n, denominator: 100n, rounding: "half-up" });
const fee = fc.constantFrom(0, 100, 500, 2_500, 3_000, 10_000);
const pair = (most: bigint): fc.Arbitrary<Curve> =>
  fc.record({ feePips: fee, reserves: fc.tuple(fc.bigInt({ min: 1n, max: most }), fc.bigInt({ min: 1n, max: most })) });
const e18 = 10n ** 18n;

describe("the optimal size", () => {
  it("is the one that trying every size finds, on small pools of Uniswap V2", () => {
    let profitable = 0;
    const cycles = fc.array(pair(2_000n), { minLength: 2, maxLength: 4 });
    fc.assert(fc.property(cycles, premium, (curves, loan) => {
      const legs = circle(curves);
      // Beyond this every unit put in costs more than the first pool can ever give.
      const expected = bruteForceProfit(legs, loan, 4_000n);
      const found = optimalSize(legs, { premium: loan, evaluations: 10_000 });
      if (expected > 0n) profitable++;
      assert.equal(found?.profit ?? 0n, expected);
      if (found) assert.equal(found.shortfall, 0n);
    }), { numRuns: 1_500 });
    assert.ok(profitable > 200, `${profitable} profitable`);
  });

  it("is the one that trying every size finds where tokens are coarse and dear", () => {
    const coarse = fc.tuple(pair(4_000n), fc.record({ feePips: fee, reserves: fc.tuple(fc.bigInt({ min: 1n, max: 60n }), fc.bigInt({ min: 1n, max: 3_000n })) }))
      .map(([a, b]): Curve[] => ["reserves" in a ? { ...a, reserves: [a.reserves[0], 1n + a.reserves[1] % 60n] } : a, b]);
    fc.assert(fc.property(coarse, premium, (curves, loan) => {
      const legs = circle(curves);
      const found = optimalSize(legs, { premium: loan, evaluations: 10_000 });
      assert.equal(found?.profit ?? 0n, bruteForceProfit(legs, loan, 6_000n));
    }), { numRuns: 1_000 });
  });

  it("is the one that trying every size finds, and proven, with pools of Uniswap V3 among the legs", function () {
    this.timeout(120_000);
    const seen = { profitable: 0, acrossTicks: 0, v3First: 0 };
    const ranged = concentrated({ spread: 3_000, bits: 14, around: fc.integer({ min: -2_000, max: 2_000 }) }).filter(({ ticks }) => ticks.index.length > 0);
    // Half of them begin with a V3 pool for certain: the size that crosses its ticks is the one that is hard to find.
    const cycles = fc.tuple(fc.array(fc.oneof(pair(3_000n), ranged), { minLength: 1, maxLength: 3 }), ranged, fc.boolean())
      .map(([some, one, first]): Curve[] => (first ? [one, ...some] : [...some, one]));
    fc.assert(fc.property(cycles, premium, (curves, loan) => {
      const legs = circle(curves);
      const found = optimalSize(legs, { premium: loan, evaluations: 10_000 });
      if (found && found.amountIn > 1_500n) return;
      assert.deepEqual([found?.profit ?? 0n, found?.shortfall ?? 0n], [bruteForceProfit(legs, loan, 1_500n), 0n]);
      if (!found) return;
      seen.profitable++;
      const [first] = legs;
      if (first!.pool.kind !== "v3") return;
      seen.v3First++;
      if (swap(first!.pool, found.amountIn, first!.zeroForOne).crossed > 0) seen.acrossTicks++;
    }), { numRuns: 600 });
    // Of 25 draws the fewest were 108, 69 and 45.
    assert.ok(seen.profitable > 50 && seen.v3First > 40 && seen.acrossTicks > 20, JSON.stringify(seen));
  });

  it("is proven, or nearly, at the magnitudes of real pools", () => {
    const seen = { profitable: 0, proven: 0 };
    const wide = magnitude(100, 60);
    const cycles = fc.array(fc.record({ feePips: fc.constantFrom(500, 3_000), reserves: fc.tuple(wide, wide) }), { minLength: 2, maxLength: 4 });
    fc.assert(fc.property(cycles, premium, (curves, loan) => {
      const found = optimalSize(circle(curves), { premium: loan });
      if (!found) return;
      seen.profitable++;
      if (found.shortfall === 0n) seen.proven++;
      // Proven, or what may be missed is what units of the tokens on the way are worth: nothing beside the profit.
      const legs = circle(curves);
      const step = found.amountIn / 1_000n + 1n;
      const units = legs.map((_, at) => {
        const gained = pathOutput(legs.slice(0, at), found.amountIn + step) - pathOutput(legs.slice(0, at), found.amountIn);
        return 1n + step / (gained > 0n ? gained : 1n);
      });
      assert.ok(found.shortfall <= units.reduce((sum, unit) => sum + 8n * unit, 0n), `${found.shortfall} beside ${found.profit}; units ${units.join(" ")}`);
    }), { numRuns: 2_000 });
    // Two tokens on the way of which a unit is dear leave more amounts to try than the evaluations allow: 76 in 100 are proven,
    // 89 with 4096 evaluations.
    assert.ok(seen.profitable > 200 && seen.proven > 0.7 * seen.profitable, JSON.stringify(seen));
  });

  it("misses less than a millionth of a millionth of the profit where it is not proven, at the magnitudes of real pools", () => {
    const depth = magnitude(90, 70);
    const skewed = fc.tuple(depth, fc.double({ min: 0.9, max: 1.1, noNaN: true }), fc.constantFrom(500, 3_000))
      .map(([size, price, feePips]): Curve => ({ feePips, reserves: [size, BigInt(Math.round(price * 1e9)) * size / 1_000_000_000n] }));
    let profitable = 0;
    fc.assert(fc.property(fc.array(skewed, { minLength: 2, maxLength: 4 }), premium, (curves, loan) => {
      const found = optimalSize(circle(curves), { premium: loan });
      if (!found) return;
      profitable++;
      assert.ok(found.shortfall * 10n ** 12n <= found.profit + 10n ** 12n * 32n, `${found.shortfall} beside ${found.profit}`);
    }), { numRuns: 2_000 });
    assert.ok(profitable > 200, `${profitable} profitable`);
  });

  it("earns what was earned on a chain: 1000 WETH at 2000 beside 800 at 2100", () => {
    const legs = circle([{ feePips: 3_000, reserves: [800n * e18, 1_680_000_000_000n] }, { feePips: 3_000, reserves: [2_000_000_000_000n, 1_000n * e18] }]);
    const free = optimalSize(legs)!;
    assert.deepEqual([(Number(free.amountIn) / 1e18).toFixed(4), (Number(free.profit) / 1e18).toFixed(6)], ["9.4416", "0.204138"]);
    assert.equal(pathOutput(legs, free.amountIn) - free.amountIn, free.profit);
    const aave = optimalSize(legs, { premium: { numerator: 5n, denominator: 10_000n, rounding: "half-up" } })!;
    assert.equal((Number(aave.profit) / 1e18).toFixed(6), "0.199445");
    assert.deepEqual([free.shortfall, aave.shortfall], [0n, 0n]);
  });

  it("stays within the greatest loan, and is the best of what that allows", () => {
    fc.assert(fc.property(fc.array(pair(2_000n), { minLength: 2, maxLength: 3 }), premium, fc.bigInt({ min: 1n, max: 200n }), (curves, loan, most) => {
      const legs = circle(curves);
      const found = optimalSize(legs, { premium: loan, most, evaluations: 10_000 });
      assert.equal(found?.profit ?? 0n, bruteForceProfit(legs, loan, most));
      assert.ok((found?.amountIn ?? 0n) <= most);
    }), { numRuns: 1_000 });
  });

  it("refuses what is no cycle", () => {
    const legs = circle([{ feePips: 0, reserves: [10n, 10n] }, { feePips: 0, reserves: [10n, 10n] }, { feePips: 0, reserves: [10n, 10n] }]);
    assert.throws(() => optimalSize(legs.slice(0, 2)), aRefusal("invalid_cycle", /does not lead back/));
    assert.throws(() => optimalSize([]), aRefusal("invalid_cycle", /too short/));
    assert.throws(() => optimalSize([legs[0]!, { ...legs[0]!, zeroForOne: !legs[0]!.zeroForOne }]), aRefusal("invalid_cycle", /uses a pool twice/));
    assert.throws(() => optimalSize(legs, { most: 0n }), aRefusal("invalid_amount", /greatest loan of 0/));
  });
});
