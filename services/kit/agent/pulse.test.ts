import assert from "node:assert/strict";
import { HeartbeatMessage, TaskMessage } from "../../../contract/bus.ts";
import type { Delivery } from "../rabbitmq.ts";
import { silentLog } from "../testing.ts";
import { HeldTask } from "./held-task.ts";
import { Pulse } from "./pulse.ts";

const task = TaskMessage.parse({ taskId: "0197a0de-5f7c-7a34-8a0e-1f5c8a8f4b11", type: "builder", action: "echo", input: {}, attempt: 2, timeoutMs: 1, deadline: null });
const TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

describe("the pulse", () => {
  it("beats with the attempt's progress, as an event of its task and trace", () => {
    const sent: { key: string; body: unknown; headers: Record<string, unknown>; persistent?: boolean }[] = [];
    const pulse = new Pulse({
      bus: { publish: async (key, body, options) => void sent.push({ key, body, headers: options!.headers!, persistent: options!.persistent }) },
      redis: null as never, agentId: "builder-1", type: "builder", log: silentLog, held: () => [], status: () => assert.fail(),
    });
    const held = new HeldTask(task, { properties: { headers: { "cloudEvents:traceparent": TRACEPARENT } } } as unknown as Delivery);
    held.progress = 0.25;
    held.note = "compiling";
    pulse.beat(held);
    const [beat] = sent;
    assert.deepEqual(HeartbeatMessage.parse(beat!.body), { taskId: task.taskId, attempt: 2, agentId: "builder-1", progress: 0.25, note: "compiling" });
    assert.equal(beat!.key, "heartbeats.builder");
    assert.equal(beat!.persistent, false);
    assert.deepEqual(
      ["type", "subject", "mcpattempt", "traceparent", "source"].map((name) => beat!.headers[`cloudEvents:${name}`]),
      ["mcp.task.heartbeat.v1", task.taskId, 2, TRACEPARENT, "/agents/builder-1"],
    );
  });
});
