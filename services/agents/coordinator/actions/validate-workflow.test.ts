import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { parse } from "yaml";
import { AgentEntry } from "../../../../contract/catalog.ts";
import { callAction } from "../../../kit/testing.ts";
import { FakeHub } from "../testing/fake-hub.ts";
import { validateWorkflow } from "./validate-workflow.ts";

const ROOT = new URL("../../../../", import.meta.url);
const yaml = (path: string): unknown => parse(readFileSync(new URL(path, ROOT), "utf8"));
const { deps } = new FakeHub({});
const validate = (workflow: object) => callAction(validateWorkflow, deps, workflow);

describe("validate_workflow", () => {
  it("answers the order in waves", async () => {
    const steps = [{ id: "b", type: "builder", action: "get_artifact", input: { hash: { $from: "steps.a.result.hash" } } }, { id: "a", type: "builder", action: "compile_solidity" }];
    assert.deepEqual(await validate({ steps }), { valid: true, waves: [["a"], ["b"]], problems: [], notDeployed: [] });
  });
  it("answers every problem, and steps that no deployed agent could take", async () => {
    const answer = await validate({ steps: [{ id: "a", type: "builder", action: "fly", needs: ["x"] }, { id: "b", type: "pilot", action: "fly" }, { id: "c", type: "coordinator", action: "run_workflow" }] });
    assert.deepEqual([answer.valid, answer.waves], [false, []]);
    assert.deepEqual(answer.problems, ['step "a" needs the unknown step "x"', 'step "c" runs a workflow inside a workflow; put its steps into this one']);
    assert.deepEqual(answer.notDeployed, ["a: builder.fly", "b: pilot.fly", "c: coordinator.run_workflow"]);
  });
});

describe("examples/workflows", () => {
  const files = readdirSync(new URL("examples/workflows/", ROOT)).filter((name) => name.endsWith(".yaml"));
  const waves: Record<string, string[][]> = {
    "compile-and-keep.yaml": [["compile", "types"], ["artifact"]],
    "nightly-care.yaml": [["index", "dead_letters"], ["index_status", "replay", "retention"], ["report"]],
  };
  it("has the workflows that are checked here", () => assert.deepEqual(files.sort(), Object.keys(waves)));
  for (const [file, expected] of Object.entries(waves)) {
    it(`${file} is valid, and its steps are actions that ship`, async () => {
      const workflow = yaml(`examples/workflows/${file}`) as { steps: { type: string; action: string }[] };
      const answer = await validate(workflow);
      assert.deepEqual([answer.problems, answer.waves], [[], expected]);
      for (const { type, action } of workflow.steps) assert.ok(AgentEntry.parse(yaml(`configs/agents/${type}.yaml`)).capabilities.includes(action), `${type}.${action}`);
    });
  }
});
