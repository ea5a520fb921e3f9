import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { callTool } from "../../../../kit/testing.ts";
import { MemoryEngine } from "../testing.ts";
import { retryWorkflow } from "./retry-workflow.ts";

describe("retry_workflow", () => {
  it("reaches the run that is named and no other", async () => {
    const engine = new MemoryEngine();
    const [a, b] = [engine.add({ state: "dead" }), engine.add({ state: "dead" })];
    assert.deepEqual(await callTool(retryWorkflow, engine.deps, { id: b.id }), { id: b.id, state: "pending" });
    assert.deepEqual([engine.tasks.get(a.id)!.state, engine.tasks.get(b.id)!.state], ["dead", "pending"]);
    assert.equal((await callTool(retryWorkflow, engine.deps, { id: a.id })).id, a.id);
  });
  it("leaves every other task alone", async () => {
    const engine = new MemoryEngine();
    const task = engine.add({ type: "builder", action: "compile", state: "dead" });
    await assert.rejects(callTool(retryWorkflow, engine.deps, { id: task.id }), /is no run of a workflow/);
    assert.equal(engine.tasks.get(task.id)!.state, "dead");
    await assert.rejects(callTool(retryWorkflow, engine.deps, { id: randomUUID() }), /There is no task/);
  });
});
