import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { functionTable, functionTimes, type CpuProfile } from "./cpu-profile.ts";

const frame = (functionName: string) => ({ functionName, url: "", lineNumber: 0, columnNumber: 0 });

describe("functions of a CPU profile", () => {
  const profile: CpuProfile = {
    nodes: [
      { id: 1, callFrame: frame("(root)"), children: [2, 5] },
      { id: 2, callFrame: frame("outer"), children: [3] },
      { id: 3, callFrame: frame("inner"), children: [4] },
      { id: 4, callFrame: frame("outer") },
      { id: 5, callFrame: frame("(idle)") },
    ],
    samples: [2, 3, 4, 5, 3],
    timeDeltas: [1_000, 2_000, 3_000, 50_000, 4_000],
  };

  it("come with their own time and that of what they called, longest first", () => {
    assert.deepEqual(functionTimes(profile), [
      { name: "inner", selfMs: 6, totalMs: 9 },
      { name: "outer", selfMs: 4, totalMs: 10 },
    ]);
  });

  it("are told as shares of the time at work", () => {
    assert.deepEqual(functionTable(functionTimes(profile)).split("\n").slice(1), ["     60.0     90.0  inner", "     40.0    100.0  outer"]);
  });
});
