import assert from "node:assert/strict";
import { callAction } from "../../../kit/testing.ts";
import { makeFakes } from "../testing/fakes.ts";
import { applyRetention } from "./apply-retention.ts";

describe("apply_retention", () => {
  it("only counts unless told otherwise, explicitly", async () => {
    const { deps, retentions } = makeFakes();
    const answer = await callAction(applyRetention, deps, { finishedOlderThanDays: 30 });
    assert.deepEqual([answer.dryRun, answer.tasks, answer.byState], [true, 7, { succeeded: 5, dead: 2 }]);
    assert.equal((await callAction(applyRetention, deps, { finishedOlderThanDays: 1, dryRun: false })).dryRun, false);
    assert.deepEqual(retentions, [{ finishedOlderThanDays: 30, dryRun: true }, { finishedOlderThanDays: 1, dryRun: false }]);
  });
  it("refuses to reach into the last day", async () => {
    const { deps, retentions } = makeFakes();
    await assert.rejects(callAction(applyRetention, deps, { finishedOlderThanDays: 0, dryRun: false }), { name: "UserFault" });
    await assert.rejects(callAction(applyRetention, deps, {}), { name: "UserFault" });
    assert.deepEqual(retentions, []);
  });
});
