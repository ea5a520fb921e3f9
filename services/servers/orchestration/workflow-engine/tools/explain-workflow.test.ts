import assert from "node:assert/strict";
import { callTool } from "../../../../kit/testing.ts";
import { BUILD, KEEP, MemoryEngine } from "../testing.ts";
import { explainWorkflow } from "./explain-workflow.ts";

describe("explain_workflow", () => {
  const { deps } = new MemoryEngine();
  const explain = (workflow: unknown) => callTool(explainWorkflow, deps, { workflow });

  it("tells order, reasons, conditions and what undoes a step", async () => {
    const check = { id: "check", type: "builder", action: "compile", allowFailure: true, when: [{ $from: "steps.build.result.ok" }, { $from: "input.mode", differs: "dry" }] };
    const answer = await explain({ name: "parts", input: { source: "x", mode: "wet" }, onFailure: "finish", steps: [KEEP, BUILD, check] });
    assert.deepEqual([answer.name, answer.onFailure, answer.waves], ["parts", "finish", [["build"], ["keep", "check"]]]);
    assert.deepEqual(answer.steps, [
      { id: "keep", wave: 2, runs: "builder.keep", needs: ["build"], when: [], forEach: true, undoneBy: "builder.drop", mayFail: false },
      { id: "build", wave: 1, runs: "builder.compile", needs: [], when: [], forEach: false, undoneBy: null, mayFail: false },
      { id: "check", wave: 2, runs: "builder.compile", needs: ["build"], when: ["steps.build.result.ok", 'input.mode ≠ "dry"'], forEach: false, undoneBy: null, mayFail: true },
    ]);
    assert.match(answer.mermaid, /^flowchart LR\n {2}s0\[\["keep/);
  });
  it("refuses one that has no order", async () => {
    await assert.rejects(explain({ steps: [{ ...BUILD, needs: ["build"] }], input: { source: "x" } }), { name: "UserFault", message: /cannot run: steps need each other in a circle: build → build/ });
  });
});
