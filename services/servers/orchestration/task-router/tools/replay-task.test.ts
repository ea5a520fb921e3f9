import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { callTool } from "../../../../kit/testing.ts";
import { MemoryHub } from "../testing.ts";
import { replayTask } from "./replay-task.ts";

describe("replay_task", () => {
  it("sends the task that is named back to the agents", async () => {
    const hub = new MemoryHub();
    const [a, b] = [hub.add({ state: "dead" }), hub.add({ state: "failed" })];
    assert.deepEqual(await callTool(replayTask, hub.deps, { id: a.id }), { id: a.id, state: "pending" });
    assert.deepEqual([hub.tasks.get(a.id)!.state, hub.tasks.get(b.id)!.state], ["pending", "failed"]);
    assert.equal((await callTool(replayTask, hub.deps, { id: b.id })).id, b.id);
    await assert.rejects(callTool(replayTask, hub.deps, { id: randomUUID() }), /There is no task/);
  });
});
