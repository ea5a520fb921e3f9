import assert from "node:assert/strict";
import { callTool } from "../../../../kit/testing.ts";
import { MemoryHub } from "../testing.ts";
import { queueStatus } from "./queue-status.ts";

describe("queue_status", () => {
  const hub = new MemoryHub();
  const builder = { type: "builder", instances: 2, capacity: 4, pending: 30, active: 8, dead: 1, oldestPendingSeconds: 42.5, startedPerSecond: 0.5 };
  hub.queues = [
    { ...builder, type: "admin", pending: 0, oldestPendingSeconds: 0, suggestion: { replicas: 2, reason: "tasks wait less than 1 s" } },
    { ...builder, suggestion: { replicas: 3, reason: "tasks wait 43 s, 34 of them" } },
  ];

  it("tells latency, depth and the suggestion of each type", async () => {
    const { queues } = await callTool(queueStatus, hub.deps, {});
    assert.deepEqual(queues.map(({ type }) => type), ["admin", "builder"]);
    assert.deepEqual(queues[1], { ...builder, suggestedInstances: 3, reason: "tasks wait 43 s, 34 of them" });
  });

  it("tells of one type, and names the others where there is none of it", async () => {
    assert.deepEqual((await callTool(queueStatus, hub.deps, { type: "builder" })).queues.map(({ pending }) => pending), [30]);
    await assert.rejects(callTool(queueStatus, hub.deps, { type: "planner" }), /No agent of type "planner" .* There are: admin, builder\./);
  });
});
