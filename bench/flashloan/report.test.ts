import assert from "node:assert/strict";
import { linesOf, textOf, type Measured } from "./report.ts";

const timing = (medianMs: number) => ({ medianMs, p99Ms: 2 * medianMs, runs: 3 });
const measured: Measured = {
  source: "10839 recorded", refused: 70,
  scan: {
    pools: 10_839, tokens: 9_142, cycles: 300_000, bytes: 10 * 2 ** 20, enumerateMs: 100, scan: timing(10), full: timing(25), found: 50, exact: 10, proven: 9,
    touched: [{ ...timing(1), pools: 20, cycles: 3_000 }, { ...timing(10), pools: 100, cycles: 11_000 }],
  },
  deFiPoser: { ...timing(2), cycles: 500, found: 3 },
  routes: [1_000, 10_000].map((pools) => ({ ...timing(pools / 500), pools, tokens: 200, iterations: 40, gap: 1e-7 })),
};

describe("the report", () => {
  it("sets each figure against its limit, and against the published one where there is one", () => {
    assert.deepEqual(linesOf(measured).map(({ ratio, faster }) => [ratio, faster]), [[0.5, null], [2, null], [0.4, 3_215], [0.4, 10]]);
  });

  it("says which limits are not kept", () => {
    const text = textOf(measured);
    assert.match(text, /^ok {4}full scan, 300000 cycles/m);
    assert.match(text, /^short 100 pools touched, 11000 cycles/m);
    assert.match(text, /DeFiPoser-ARB 6\.43 s.*: 3215 times as long/);
    assert.match(text, /10\.0 MiB with the index/);
    assert.match(text, /33 ns a cycle; 50 above the floor, 10 sized in exact integers and kept, 9 proven/);
  });
});
