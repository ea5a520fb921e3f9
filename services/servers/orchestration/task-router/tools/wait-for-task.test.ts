import assert from "node:assert/strict";
import { Unavailable } from "../../../../kit/errors.ts";
import { callTool } from "../../../../kit/testing.ts";
import { MemoryHub } from "../testing.ts";
import { waitForTask } from "./wait-for-task.ts";

describe("wait_for_task", () => {
  it("answers as soon as the task has ended", async () => {
    const hub = new MemoryHub();
    const { id } = hub.add({ state: "active" });
    setTimeout(() => hub.change(id, { state: "succeeded", result: { n: 1 } }), 150);
    const answer = await callTool(waitForTask, hub.deps, { id, timeoutSeconds: 30 });
    assert.deepEqual([answer.done, answer.state, answer.result], [true, "succeeded", { n: 1 }]);
    assert.ok(answer.waitedMs >= 140 && answer.waitedMs < 1_500, `${answer.waitedMs} ms`);
    const dead = hub.add({ state: "dead" });
    assert.deepEqual([(await callTool(waitForTask, hub.deps, { id: dead.id })).done, (await callTool(waitForTask, hub.deps, { id: dead.id })).state], [true, "dead"]);
  });

  it("gives up after the time it was given, and says so", async () => {
    const hub = new MemoryHub();
    const { id } = hub.add({ state: "active", progress: 0.5 });
    const answer = await callTool(waitForTask, hub.deps, { id, timeoutSeconds: 0.3 });
    assert.deepEqual([answer.done, answer.state, answer.progress], [false, "active", 0.5]);
    assert.ok(answer.waitedMs >= 290 && answer.waitedMs < 1_000);
    await assert.rejects(callTool(waitForTask, hub.deps, { id, timeoutSeconds: 61 }), /timeoutSeconds/);
  });

  it("waits through a restart of the hub, and stops when the caller leaves", async () => {
    const hub = new MemoryHub();
    const { id } = hub.add({ state: "active" });
    let calls = 0;
    const deps = { hub: { ...hub.client, getTask: async (task: string) => {
      if (++calls === 2) throw new Unavailable("The hub did not answer.");
      return calls < 4 ? hub.change(task, {}) : hub.change(task, { state: "succeeded" });
    } } };
    assert.equal((await callTool(waitForTask, deps, { id, timeoutSeconds: 10 })).done, true);
    const leaving = new AbortController();
    const other = hub.add({ state: "active" });
    setTimeout(() => leaving.abort(), 50);
    await assert.rejects(callTool(waitForTask, hub.deps, { id: other.id, timeoutSeconds: 60 }, { signal: leaving.signal }), { name: "AbortError" });
  });
});
