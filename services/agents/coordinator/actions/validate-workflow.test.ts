import assert from "node:assert/strict";
import { callAction } from "../../../kit/testing.ts";
import { FakeHub } from "../testing/fake-hub.ts";
import { validateWorkflow } from "./validate-workflow.ts";

const { deps } = new FakeHub({});
const validate = (workflow: object) => callAction(validateWorkflow, deps, workflow);

describe("validate_workflow", () => {
  it("answers the order in waves", async () => {
    const steps = [{ id: "b", type: "builder", action: "get_artifact", input: { hash: { $from: "steps.a.result.hash" } } }, { id: "a", type: "builder", action: "compile_solidity" }];
    assert.deepEqual(await validate({ steps }), { valid: true, waves: [["a"], ["b"]], problems: [], notDeployed: [] });
  });
  it("answers every problem, and steps whose agents are not there", async () => {
    const answer = await validate({ steps: [
      { id: "a", type: "builder", action: "fly", needs: ["x"] }, { id: "b", type: "pilot", action: "fly" },
      { id: "c", type: "coordinator", action: "run_workflow" }, { id: "d", type: "builder", action: "get_artifact" },
    ] });
    assert.deepEqual([answer.valid, answer.waves], [false, []]);
    assert.deepEqual(answer.problems, [
      'step "a" needs the unknown step "x"', 'step "c" runs a workflow inside a workflow; put its steps into this one',
      'step "a": builder has no action "fly"; its actions are compile_solidity, compile_typescript, get_artifact', 'step "d": input/hash is missing',
    ]);
    assert.deepEqual(answer.notDeployed, ['step "b": agent type "pilot" is not deployed; deployed is builder', 'step "c": agent type "coordinator" is not deployed; deployed is builder']);
  });
  it("takes an agent type that is away for no mistake", async () => {
    assert.equal((await validate({ steps: [{ id: "b", type: "pilot", action: "fly" }] })).valid, true);
  });
});
