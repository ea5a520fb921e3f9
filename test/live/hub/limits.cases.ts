/** The policy's times, each alone: what ends a task or an attempt when nobody says anything. */
import assert from "node:assert/strict";
import { it } from "mocha";
import { never, succeed } from "./fake-agent.ts";
import { AGENT_TYPE, eventually, type HubRig } from "./rig.ts";

const echo = { type: AGENT_TYPE, action: "echo" };

export function limitCases(rig: HubRig): void {
  const { hub } = rig;

  it("fails a task that no agent begins in time, whether it waits here, in the broker, or with an agent that never says a word", async () => {
    const agent = await rig.agent({ type: AGENT_TYPE, concurrency: 1, policy: { queuedTimeoutMs: 1_000 }, work: never });
    const tasks = await Promise.all([1, 2, 3].map(() => hub.submit(echo)));
    for (const { id } of tasks) assert.equal((await hub.until(id, "failed", 12_000)).error?.code, "queued_timeout");
    assert.ok(agent.controls.some(({ kind }) => kind === "cancel"), "whoever has it is told");
  });

  it("fails a task that waits for agents which do not come back", async () => {
    await rig.agent({ type: AGENT_TYPE, policy: { queuedTimeoutMs: 1_000 }, work: never });
    await rig.dismiss();
    const task = await hub.until((await hub.submit(echo)).id, "failed");
    assert.deepEqual([task.error?.code, task.attempt, task.attempts], ["queued_timeout", 0, []]);
  });

  it("lets a task that an agent has begun take longer than it may wait", async () => {
    const agent = await rig.agent({ type: AGENT_TYPE, policy: { queuedTimeoutMs: 1_000 }, work: never });
    const { id } = await hub.submit(echo);
    await eventually(() => agent.received.length, (received) => received === 1);
    await agent.heartbeat({ taskId: id, attempt: 1 });
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    assert.equal((await hub.task(id)).state, "active");
    await agent.report({ taskId: id, attempt: 1 }, { outcome: "succeeded" });
    await hub.until(id, "succeeded");
  });

  it("takes an attempt back that outlives its time although its agent goes on breathing, and tries again", async () => {
    const agent = await rig.agent({ type: AGENT_TYPE, policy: { attemptTimeoutMs: 500, backoffMs: 50 }, work: (task, self) => (task.attempt === 1 ? null : succeed(task, self)) });
    const { id } = await hub.submit(echo);
    await eventually(() => agent.received.length, (received) => received === 1);
    const breathing = setInterval(() => void agent.heartbeat({ taskId: id, attempt: 1 }).catch(() => undefined), 300);
    try {
      const task = await hub.until(id, "succeeded", 15_000);
      assert.deepEqual(task.attempts.map(({ outcome, error }) => [outcome, error?.code]), [["lost", "timeout"], ["succeeded", undefined]]);
    } finally {
      clearInterval(breathing);
    }
  });

  it("leaves an attempt alone for as long as its agent gives signs of life", async () => {
    const agent = await rig.agent({ type: AGENT_TYPE, policy: { heartbeatTimeoutMs: 1_000 }, work: never });
    const { id } = await hub.submit(echo);
    await eventually(() => agent.received.length, (received) => received === 1);
    for (let beat = 0; beat < 10; beat++) {
      await agent.heartbeat({ taskId: id, attempt: 1 }, beat / 10);
      await new Promise((resolve) => setTimeout(resolve, 400));
    }
    const { state, attempt, progress } = await hub.task(id);
    assert.deepEqual([state, attempt, progress], ["active", 1, 0.9]);
    await agent.report({ taskId: id, attempt: 1 }, { outcome: "succeeded" });
    await hub.until(id, "succeeded");
  });
}
