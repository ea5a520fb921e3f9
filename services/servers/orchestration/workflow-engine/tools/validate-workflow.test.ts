import assert from "node:assert/strict";
import { callTool } from "../../../../kit/testing.ts";
import { BUILD, KEEP, MemoryEngine } from "../testing.ts";
import { validateWorkflow } from "./validate-workflow.ts";

const validate = (workflow: unknown, input: object = { source: "x" }) => callTool(validateWorkflow, new MemoryEngine().deps, { workflow, input });

describe("validate_workflow", () => {
  it("answers the order of a valid one", async () => {
    assert.deepEqual(await validate({ steps: [KEEP, BUILD] }), { valid: true, problems: [], waves: [["build"], ["keep"]] });
  });
  it("answers what is wrong, naming the step: form, circles, dangling references, actions, inputs", async () => {
    const of = async (...steps: object[]) => (await validate({ steps })).problems.join("; ");
    assert.match(await of({ ...BUILD, id: "No" }), /step "No": id: /);
    assert.match(await of({ ...BUILD, needs: ["keep"] }, KEEP), /circle: build → keep → build/);
    assert.match(await of({ ...BUILD, input: { source: { $from: "steps.gone.result" } } }), /step "build" refers by "steps.gone.result" to the unknown step "gone"/);
    assert.match(await of({ ...BUILD, action: "fly" }), /step "build": builder has no action "fly"; its actions are compile, drop, keep/);
    assert.match(await of({ ...BUILD, type: "pilot" }), /step "build": agent type "pilot" is not deployed; deployed is builder/);
    assert.match(await of({ ...BUILD, input: { source: 7 } }), /step "build": input\/source must be string/);
    assert.equal((await validate({ steps: [{ ...BUILD, action: "fly" }] })).valid, false);
  });
  it("counts given input", async () => {
    assert.match((await validate({ steps: [BUILD] }, {})).problems[0]!, /reads "source"/);
  });
});
