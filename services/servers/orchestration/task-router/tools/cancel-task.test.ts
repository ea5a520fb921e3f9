import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { callTool } from "../../../../kit/testing.ts";
import { MemoryHub } from "../testing.ts";
import { cancelTask } from "./cancel-task.ts";

describe("cancel_task", () => {
  it("cancels the task that is named and no other", async () => {
    const hub = new MemoryHub();
    const [a, b] = [hub.add(), hub.add()];
    assert.deepEqual(await callTool(cancelTask, hub.deps, { id: b.id }), { id: b.id, state: "cancelled" });
    assert.deepEqual([hub.tasks.get(a.id)!.state, hub.tasks.get(b.id)!.state], ["pending", "cancelled"]);
    assert.deepEqual((await callTool(cancelTask, hub.deps, { id: a.id })).id, a.id);
    await assert.rejects(callTool(cancelTask, hub.deps, { id: randomUUID() }), /There is no task/);
  });
});
