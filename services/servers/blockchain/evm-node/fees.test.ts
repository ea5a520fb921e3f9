import assert from "node:assert/strict";
import fc from "fast-check";
import { medianOf, suggestFees } from "./fees.ts";

describe("fees", () => {
  it("take the lower median", () => {
    assert.equal(medianOf([]), null);
    assert.equal(medianOf([5n]), 5n);
    assert.equal(medianOf([9n, 1n, 5n]), 5n);
    assert.equal(medianOf([9n, 1n, 5n, 7n]), 5n);
  });

  it("outlast five full blocks after the next, as EIP-1559 raises the base fee", () => {
    fc.assert(fc.property(fc.bigInt({ min: 8n, max: 10n ** 13n }), fc.bigInt({ min: 0n, max: 10n ** 11n }), (base, tip) => {
      let later = base;
      for (let block = 0; block < 5; block++) later += later / 8n;
      assert.ok(suggestFees(base, tip).maxFeePerGas >= later + tip);
    }));
  });
});
