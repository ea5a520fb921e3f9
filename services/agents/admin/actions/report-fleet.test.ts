import assert from "node:assert/strict";
import type { ServiceEntry } from "../../../../contract/registry.ts";
import { callAction } from "../../../kit/testing.ts";
import { duration } from "../report/fleet-markdown.ts";
import { makeFakes, type Fakes } from "../testing/fakes.ts";
import { reportFleet } from "./report-fleet.ts";

const registration = { host: "h", port: 1, capabilities: [], version: "0.1.0", started_at: "2026-01-01T00:00:00.000Z" };

describe("report_fleet", () => {
  let fakes: Fakes;
  beforeEach(() => {
    fakes = makeFakes();
    fakes.types.push({ type: "builder", states: { succeeded: 8, dead: 1 }, runP50Ms: 412.4, runP95Ms: 2_345, waitP50Ms: 12, waitP95Ms: 130_000, retries: 2 });
    fakes.failures.push({ type: "builder", code: "timeout", tasks: 1 });
    fakes.services.push(
      { key: "k2", kind: "agent", type: "builder", n: 2, status: "active", current_task: "t1", ...registration },
      { key: "k1", kind: "agent", type: "builder", n: 1, status: "idle", current_task: null, ...registration },
      { key: "k0", kind: "server", category: "utils", server: "toolbox", replica: 1, status: "healthy", current_task: null, ...registration } satisfies ServiceEntry,
    );
  });
  const report = (input: object = {}) => callAction(reportFleet, fakes.deps, input);

  it("reports tasks, failures and the agents there are, not the servers", async () => {
    const answer = await report({ from: "2026-01-01T00:00:00Z", to: "2026-01-02T00:00:00Z" });
    assert.deepEqual([answer.tasks, answer.failures], [9, [{ type: "builder", code: "timeout", tasks: 1 }]]);
    assert.deepEqual(answer.agents.map(({ agent, status, currentTask }) => [agent, status, currentTask]), [["builder-1", "idle", null], ["builder-2", "active", "t1"]]);
    assert.match(answer.markdown, /^# Fleet from 2026-01-01T00:00:00\.000Z to 2026-01-02T00:00:00\.000Z\n\n9 tasks were submitted, 2 agents are registered now\.\n/);
    assert.match(answer.markdown, /\| builder \| 0 \| 0 \| 8 \| 0 \| 0 \| 1 \| 412 ms \| 2\.3 s \| 12 ms \| 2\.2 min \| 2 \|/);
  });
  it("takes the last day unless told otherwise", async () => {
    await report();
    await report({ to: "2026-01-02T00:00:00+01:00" });
    const [[from, to], second] = fakes.intervals as [[Date, Date], [Date, Date]];
    assert.equal(to.getTime() - from.getTime(), 86_400_000);
    assert.ok(Math.abs(to.getTime() - Date.now()) < 10_000);
    assert.deepEqual(second.map((date) => date.toISOString()), ["2025-12-31T23:00:00.000Z", "2026-01-01T23:00:00.000Z"]);
  });
  it("refuses an interval that ends before it begins", async () => {
    await assert.rejects(report({ from: "2026-01-02T00:00:00Z", to: "2026-01-01T00:00:00Z" }), { name: "UserFault", message: /from: 2026-01-02.* is not before 2026-01-01/ });
  });
  it("says that there is nothing to tell", async () => {
    const empty = makeFakes();
    const { markdown, tasks } = await callAction(reportFleet, empty.deps, {});
    assert.equal(tasks, 0);
    assert.match(markdown, /No task was submitted\.[^]*None\.[^]*None is registered\./);
  });
});

describe("duration", () => {
  it("is in a unit that reads well", () => {
    assert.deepEqual([null, 0.4, 999, 1_000, 119_999, 120_000].map(duration), ["", "0 ms", "999 ms", "1.0 s", "120.0 s", "2.0 min"]);
  });
});
