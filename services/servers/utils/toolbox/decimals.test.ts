import assert from "node:assert/strict";
import fc from "fast-check";
import { fromBaseUnits, toBaseUnits } from "./decimals.ts";

describe("decimals", () => {
  it("come back unchanged, with any number of places", () => {
    fc.assert(fc.property(fc.bigInt({ min: -(2n ** 255n), max: 2n ** 256n }), fc.integer({ min: 0, max: 77 }), (units, decimals) => {
      assert.equal(toBaseUnits(fromBaseUnits(units, decimals), decimals), units);
    }));
  });

  it("refuse what the unit cannot hold, but not trailing zeros", () => {
    assert.equal(toBaseUnits("1.230", 2), 123n);
    assert.equal(toBaseUnits("1.231", 2), null);
    assert.equal(toBaseUnits("1e5", 2), null);
  });
});
