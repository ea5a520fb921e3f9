import assert from "node:assert/strict";
import fc from "fast-check";
import { MAX_UINT112 } from "../integer.ts";
import { circle, concentrated, magnitude } from "../testing/pools.ts";
import { legLeastInput, legOutput, pathLeastInput, pathOutput } from "./leg.ts";

const pair = fc.tuple(magnitude(100), magnitude(100)).map(([a, b]) => ({ feePips: 3_000, reserves: [a, b] as const }));

describe("a leg", () => {
  it("gives at least what was asked for its least input, on both kinds of pool, and on V2 less for one less", () => {
    fc.assert(fc.property(fc.oneof(pair, concentrated()), magnitude(90), (curve, amountOut) => {
      const leg = circle([curve, curve])[0]!;
      const least = legLeastInput(leg, amountOut);
      if (least === null) return;
      assert.ok(legOutput(leg, least) >= amountOut);
      if (least > 1n) assert.ok(legOutput(leg, least - 1n) < amountOut);
    }), { numRuns: 2_000 });
  });

  it("gives nothing where the contract would revert", () => {
    const [leg] = circle([{ feePips: 3_000, reserves: [MAX_UINT112, 10n] }, { feePips: 0, reserves: [1n, 1n] }]);
    assert.deepEqual([legOutput(leg!, 1n), legOutput(leg!, 0n), legOutput(leg!, -1n), legLeastInput(leg!, 10n), legLeastInput(leg!, 0n)], [0n, 0n, 0n, null, null]);
  });

  it("chains: the least input of a path over V2 pools gives what was asked for, and one less does not", () => {
    let asked = 0;
    fc.assert(fc.property(fc.array(pair, { minLength: 2, maxLength: 4 }), magnitude(60), (curves, amountOut) => {
      const legs = circle(curves);
      const least = pathLeastInput(legs, amountOut);
      if (least === null) return;
      asked++;
      assert.ok(pathOutput(legs, least) >= amountOut && pathOutput(legs, least - 1n) < amountOut);
    }), { numRuns: 1_000 });
    assert.ok(asked > 100);
  });
});
