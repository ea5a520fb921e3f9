import assert from "node:assert/strict";
import { compared } from "./runs.ts";
import { verdictOf } from "./suite.ts";

describe("a verdict of the suite", () => {
  it("counts what passed and failed, and neither what was skipped nor what is only told", () => {
    const verdict = verdictOf(new Map([["a", [{ id: "x", status: "SUCCESS" }, { id: "y", status: "SKIPPED" }]], ["b", [{ id: "z", status: "FAILURE" }, { id: "i", status: "INFO" }]]]));
    assert.deepEqual(verdict, { scenarios: { passed: 1, total: 2 }, checks: { passed: 1, total: 2 }, failed: ["b:z"], passed: ["a:x"] });
  });

  it("names what fails unexpectedly, what passes unexpectedly, and what only the gateway leaves out", () => {
    const verdict = (failed: string[], passed: string[]) => ({ scenarios: { passed: 0, total: 1 }, checks: { passed: 0, total: 1 }, failed, passed });
    assert.deepEqual(compared([
      { revision: "2026-07-28", way: "direct", verdict: verdict(["known:a", "whole:b"], ["both:c", "lost:d"]) },
      { revision: "2026-07-28", way: "gateway", verdict: verdict(["new:e", "whole:f"], ["both:c"]) },
    ], { "2026-07-28": ["known:a", "whole"] }), [
      "2026-07-28 gateway: new:e fails",
      "2026-07-28 gateway: known:a passes; take it out of expected-failures.yaml",
      "2026-07-28 gateway: lost:d was checked directly and not here",
    ]);
  });
});
