import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { callTool } from "../../../../kit/testing.ts";
import { MemoryEngine } from "../testing.ts";
import { getWorkflow } from "./get-workflow.ts";

describe("get_workflow", () => {
  it("shows a run that waits for a coordinator", async () => {
    const engine = new MemoryEngine();
    const { id } = engine.add();
    const run = await callTool(getWorkflow, engine.deps, { id });
    assert.deepEqual([run.id, run.name, run.state, run.stepStates, run.steps.map((step) => step.runs)], [id, "parts", "pending", { waiting: 2 }, ["builder.compile", "builder.keep"]]);
  });
  it("shows results, items, the progress of what runs, and why an item failed", async () => {
    const engine = new MemoryEngine();
    const { id } = engine.add({ state: "active", progress: 0.5 });
    const running = engine.add({ type: "builder", action: "compile", state: "active", progress: 0.25 });
    engine.record(id, { state: "running", reason: null }, {
      build: { state: "running", taskId: running.id, attempts: 2 },
      keep: { state: "running" }, "keep[0]": { result: 1 }, "keep[1]": { state: "failed", taskId: "t1", error: { code: "internal", message: "broke" } }, "keep[2]": { state: "waiting" },
    });
    const { steps: [build, keep], progress, settling } = await callTool(getWorkflow, engine.deps, { id });
    assert.deepEqual([progress, settling, build!.progress, build!.attempts], [0.5, false, 0.25, 2]);
    assert.deepEqual(keep!.items, { total: 3, states: { succeeded: 1, failed: 1, waiting: 1 }, unsuccessful: [{ index: 1, state: "failed", taskId: "t1", error: { code: "internal", message: "broke" } }] });
  });
  it("shows what was undone and what could not be, while it is settled", async () => {
    const engine = new MemoryEngine();
    const { id } = engine.add({ state: "cancelled" });
    engine.record(id, { state: "settling", reason: "It was cancelled." }, {
      build: { compensation: { state: "succeeded", taskId: "c", error: null } },
      keep: { state: "cancelled" }, "keep[0]": { compensation: { state: "failed", taskId: "d", error: { code: "x", message: "stuck" } } }, "keep[1]": { compensation: { state: "running", taskId: "e", error: null } },
    });
    const run = await callTool(getWorkflow, engine.deps, { id });
    assert.deepEqual([run.settling, run.error, run.stepStates], [true, "It was cancelled.", { succeeded: 1, cancelled: 1 }]);
    assert.deepEqual(run.steps.map(({ undone }) => undone), [{ succeeded: 1, failed: 0, running: 0, error: null }, { succeeded: 0, failed: 1, running: 1, error: { code: "x", message: "stuck" } }]);
  });
  it("counts a run as settling from the end of its task until that is done", async () => {
    const engine = new MemoryEngine();
    for (const [task, run, settling] of [["cancelled", "running", true], ["dead", "running", true], ["active", "running", false], ["failed", "failed", false], ["active", "settling", true]] as const) {
      const { id } = engine.add({ state: task });
      engine.record(id, { state: run, reason: null }, {});
      assert.equal((await callTool(getWorkflow, engine.deps, { id })).settling, settling, `${task} ${run}`);
    }
  });
  it("answers results and the workflow's output, or leaves them out", async () => {
    const engine = new MemoryEngine();
    const { id } = engine.add({ state: "succeeded", result: { output: { hash: "h" } } });
    engine.record(id, { state: "succeeded", reason: null }, { build: { result: { parts: [] } }, keep: { result: [] } });
    const full = await callTool(getWorkflow, engine.deps, { id });
    assert.deepEqual([full.output, full.steps[0]!.result], [{ hash: "h" }, { parts: [] }]);
    const lean = await callTool(getWorkflow, engine.deps, { id, includeResults: false });
    assert.deepEqual([lean.output, lean.steps[0]!.result, lean.steps[0]!.state], [null, null, "succeeded"]);
  });
  it("says that there is no such run", async () => {
    const engine = new MemoryEngine();
    await assert.rejects(callTool(getWorkflow, engine.deps, { id: randomUUID() }), /There is no task/);
    await assert.rejects(callTool(getWorkflow, engine.deps, { id: engine.add({ type: "builder", action: "compile" }).id }), /no run of a workflow but builder's compile/);
  });
});
