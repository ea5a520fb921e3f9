import assert from "node:assert/strict";
import { compared, runAll, WAYS, type Run } from "./runs.ts";
import { REVISIONS } from "./suite.ts";

describe("the official conformance suite", function () {
  this.timeout(400_000);
  let runs: Run[];
  before(async () => { runs = await runAll(REVISIONS, WAYS, () => undefined); });

  it("finds through the gateway what it finds directly, and nothing that is not argued in expected-failures.yaml", () => {
    assert.deepEqual(compared(runs), []);
  });

  it("was really run: scores of scenarios and checks, each way and for each revision", () => {
    for (const { revision, way, verdict: { scenarios, checks } } of runs) {
      assert.ok(scenarios.total >= 25 && checks.total >= 60, `${revision} ${way}: ${scenarios.total} scenarios, ${checks.total} checks`);
    }
    assert.equal(runs.length, 4);
  });
});
