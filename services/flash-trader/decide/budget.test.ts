import assert from "node:assert/strict";
import { spentInHour } from "./budget.ts";

describe("the hour's budget", () => {
  it("adds up gas, losses and reverts of the last hour, and no gain makes a loss good", () => {
    const now = 10_000_000;
    assert.deepEqual(spentInHour([
      { atMs: now - 3_600_000, gas: 1n, net: -1n, reverted: true },
      { atMs: now - 3_599_999, gas: 10n, net: -10n, reverted: true },
      { atMs: now - 5, gas: 20n, net: 500n, reverted: false },
      { atMs: now, gas: 30n, net: -30n, reverted: false },
    ], now), { gas: 60n, loss: 40n, reverts: 1 });
  });
});
