import assert from "node:assert/strict";
import { callAction } from "../../../kit/testing.ts";
import { deadTask, makeFakes } from "../testing/fakes.ts";
import { deadLetterReport } from "./dead-letter-report.ts";

describe("dead_letter_report", () => {
  it("groups what was given up, as data and as Markdown", async () => {
    const { deps, dead } = makeFakes();
    dead.push(deadTask("one"), deadTask("two", { type: "admin", state: "failed", errorCode: null }));
    const report = await callAction(deadLetterReport, deps, {});
    assert.deepEqual([report.total, report.groups.map(({ type, taskId }) => [type, taskId])], [2, [["builder", "one"], ["admin", "two"]]]);
    assert.equal(report.markdown, [
      "# Dead letters", "", "2 tasks were given up.", "",
      "| type | action | state | code | tasks | oldest | newest | message | task |", "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
      "| builder | echo | dead | internal | 1 | 2026-01-01T00:00:00.000Z | 2026-01-01T00:00:00.000Z | it broke \\| badly then again | one |",
      "| admin | echo | failed |  | 1 | 2026-01-01T00:00:00.000Z | 2026-01-01T00:00:00.000Z | it broke \\| badly then again | two |", "",
    ].join("\n"));
  });
  it("says that there is nothing", async () => {
    assert.deepEqual(await callAction(deadLetterReport, makeFakes().deps, {}), { total: 0, groups: [], markdown: "# Dead letters\n\nNone.\n" });
  });
  it("counts beyond the groups that it shows", async () => {
    const { deps, dead } = makeFakes();
    dead.push(deadTask("one"), deadTask("two"), deadTask("three", { type: "admin" }));
    const report = await callAction(deadLetterReport, deps, { type: "builder", groups: 1 });
    assert.deepEqual([report.total, report.groups.length], [2, 1]);
  });
});
