import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { callTool } from "../../../../kit/testing.ts";
import { MemoryEngine } from "../testing.ts";
import { cancelWorkflow } from "./cancel-workflow.ts";

describe("cancel_workflow", () => {
  it("reaches the run that is named and no other", async () => {
    const engine = new MemoryEngine();
    const [a, b] = [engine.add({ state: "active" }), engine.add({ state: "active" })];
    assert.deepEqual(await callTool(cancelWorkflow, engine.deps, { id: b.id }), { id: b.id, state: "cancelled" });
    assert.deepEqual([engine.tasks.get(a.id)!.state, engine.tasks.get(b.id)!.state], ["active", "cancelled"]);
    assert.equal((await callTool(cancelWorkflow, engine.deps, { id: a.id })).id, a.id);
  });
  it("leaves every other task alone", async () => {
    const engine = new MemoryEngine();
    const task = engine.add({ type: "builder", action: "compile", state: "active" });
    await assert.rejects(callTool(cancelWorkflow, engine.deps, { id: task.id }), /is no run of a workflow/);
    assert.equal(engine.tasks.get(task.id)!.state, "active");
    await assert.rejects(callTool(cancelWorkflow, engine.deps, { id: randomUUID() }), /There is no task/);
  });
});
