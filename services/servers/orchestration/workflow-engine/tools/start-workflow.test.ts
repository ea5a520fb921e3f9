import assert from "node:assert/strict";
import { callTool } from "../../../../kit/testing.ts";
import { BUILD, KEEP, MemoryEngine } from "../testing.ts";
import { startWorkflow } from "./start-workflow.ts";

describe("start_workflow", () => {
  it("hands the workflow to the coordinator with the given input, and answers the run and its order", async () => {
    const engine = new MemoryEngine();
    const answer = await callTool(startWorkflow, engine.deps, { workflow: { name: "n", steps: [BUILD, KEEP] }, input: { source: "x" }, priority: "high", deadline: "2030-01-01T00:00:00Z" });
    const { input, ...request } = engine.asked[0];
    assert.deepEqual(request, { type: "coordinator", action: "run_workflow", priority: "high", deadline: "2030-01-01T00:00:00Z" });
    assert.deepEqual([input.name, input.input, input.steps.map(({ id }: { id: string }) => id)], ["n", { source: "x" }, ["build", "keep"]]);
    assert.deepEqual([answer.state, answer.waves, engine.tasks.get(answer.id)!.action], ["pending", [["build"], ["keep"]], "run_workflow"]);
  });
  it("takes YAML", async () => {
    const engine = new MemoryEngine();
    await callTool(startWorkflow, engine.deps, { workflow: "steps:\n- { id: one, type: builder, action: drop }\n" });
    assert.equal(engine.asked[0].input.steps[0].id, "one");
  });
  it("refuses with everything that is wrong, and starts nothing", async () => {
    const engine = new MemoryEngine();
    const start = (workflow: unknown) => callTool(startWorkflow, engine.deps, { workflow });
    await assert.rejects(start({ steps: [{ ...BUILD, action: "fly", input: {} }, { ...BUILD, id: "two", input: { sauce: 1 } }] }),
      { name: "UserFault", message: /step "build": builder has no action "fly".*step "two": input\/sauce is an unknown field/ });
    await assert.rejects(start({ steps: [BUILD] }), /step "build": reference "input.source"/);
    assert.deepEqual(engine.asked, []);
  });
  it("keeps the idempotency keys of different callers apart", async () => {
    const engine = new MemoryEngine();
    for (const sub of ["user:ann", "user:ann", "user:bob"]) {
      await callTool(startWorkflow, engine.deps, { workflow: { steps: [{ ...BUILD, input: {} }] }, idempotencyKey: "k" }, { caller: { sub, role: "admin", aud: ["*"] } });
    }
    const [first, again, other] = engine.asked.map(({ idempotencyKey }) => idempotencyKey);
    assert.ok(first === again && first !== other && first.includes("user:ann"));
  });
});
