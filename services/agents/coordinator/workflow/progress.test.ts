import assert from "node:assert/strict";
import { fanIn, newUnit, type Unit } from "./progress.ts";

const item = (state: Unit["state"], more: Partial<Unit> = {}): Unit => ({ ...newUnit(), state, attempts: 1, ...more });
const broken = (message: string): Unit => item("failed", { error: { code: "internal", message } });

describe("fanIn", () => {
  it("answers the results in order, the time from the first start to the last end, and all attempts", () => {
    const items = [item("succeeded", { result: "b", startedAt: "2026-01-01T00:00:02.000Z", finishedAt: "2026-01-01T00:00:03.000Z", attempts: 2 }),
      item("succeeded", { result: null, startedAt: "2026-01-01T00:00:01.000Z", finishedAt: "2026-01-01T00:00:04.000Z" })];
    assert.deepEqual(fanIn(items), { state: "succeeded", result: ["b", null], error: null, attempts: 3, startedAt: "2026-01-01T00:00:01.000Z", finishedAt: "2026-01-01T00:00:04.000Z" });
  });
  it("names the first item that failed and how many more, and gives null for what has no result", () => {
    const { state, result, error } = fanIn([item("succeeded", { result: 1 }), item("cancelled"), broken("bad"), broken("worse")]);
    assert.deepEqual([state, result, error], ["failed", [1, null, null, null], { code: "internal", message: "item 2 and 2 more: bad" }]);
  });
  it("is cancelled when nothing failed and not everything was done", () => {
    assert.equal(fanIn([item("succeeded"), item("skipped"), item("cancelled")]).state, "cancelled");
    assert.equal(fanIn([item("succeeded"), item("skipped")]).state, "cancelled");
  });
  it("succeeds with nothing to do", () => assert.deepEqual([fanIn([]).state, fanIn([]).result], ["succeeded", []]));
});
