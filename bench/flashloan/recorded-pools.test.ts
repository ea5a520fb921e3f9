import assert from "node:assert/strict";
import { recordedPools } from "./recorded-pools.ts";

const address = (n: number) => `0x${String(n).padStart(40, "0")}`;
const pair = (n: number, reserve0: string, reserve1: string) => `{"index": ${n}, "address": "${address(100 + n)}",
  "token0": {"address": "${address(1)}", "symbol": "A", "decimal": 6}, "token1": {"address": "${address(2)}", "symbol": "B", "decimal": 18},
  "reserve0": ${reserve0}, "reserve1": ${reserve1}}`;

describe("recorded pools", () => {
  it("keep reserves beyond 2^53 to the last unit, over several files", () => {
    const { pools } = recordedPools([`[${pair(1, "524595304157729979983018", "9007199254740993")}]`, `[${pair(2, "1", "2")}]`]);
    assert.deepEqual(pools.map(({ reserve0, reserve1 }) => [reserve0, reserve1]), [[524595304157729979983018n, 9007199254740993n], [1n, 2n]]);
    assert.deepEqual([pools[0]!.token0.decimals, pools[0]!.feePips], [6, 3_000]);
  });

  it("leave out the empty ones, and tell how many", () => {
    const { pools, refused } = recordedPools([`[${pair(1, "0", "5")}, ${pair(2, "1", "2")}]`]);
    assert.deepEqual([pools.length, refused], [1, { invalid_reserves: 1 }]);
  });
});
