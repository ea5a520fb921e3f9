/** What is published about workflows: their schema, and the examples. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { parse } from "yaml";
import { AgentEntry } from "../../contract/catalog.ts";
import { TaskPolicy } from "../../contract/tasks.ts";
import { actionProblems } from "../../contract/workflow-actions.ts";
import { graphOf } from "../../contract/workflow-graph.ts";
import { Workflow, workflowJsonSchema } from "../../contract/workflow.ts";
import { actions as admin } from "../../services/agents/admin/actions.ts";
import { actions as builder } from "../../services/agents/builder/actions.ts";
import { actions as codeIndexer } from "../../services/agents/code-indexer/actions.ts";
import { actionCatalog } from "../../services/kit/agent/action-catalog.ts";

const ROOT = join(import.meta.dirname, "../..");
const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");
const types = Object.entries({ admin, builder, "code-indexer": codeIndexer }).map(([type, actions]) => {
  const { agentId: _, ...entry } = actionCatalog({ type, agentId: `${type}-1`, concurrency: 1, policy: TaskPolicy.parse({}), actions });
  return entry;
});

describe("docs/workflow.schema.json", () => {
  it("is what workflows are checked with", () => {
    assert.deepEqual(JSON.parse(read("docs/workflow.schema.json")), JSON.parse(JSON.stringify(workflowJsonSchema())), "run: node docs/write-workflow-schema.ts");
  });
  it("is a valid schema, and refuses what is no workflow", () => {
    const validate = new Ajv2020({ strict: false }).compile(JSON.parse(read("docs/workflow.schema.json")));
    assert.ok(validate({ $schema: "x", steps: [{ id: "a", type: "t", action: "x" }] }));
    for (const wrong of [{}, { steps: [] }, { steps: [{ id: "A", type: "t", action: "x" }] }, { steps: [{ id: "a", type: "t", action: "x", colour: 1 }] }]) assert.ok(!validate(wrong), JSON.stringify(wrong));
  });
});

describe("examples/workflows", () => {
  const files = readdirSync(join(ROOT, "examples/workflows")).filter((name) => /\.(yaml|json)$/.test(name));
  const validate = new Ajv2020({ strict: false }).compile(workflowJsonSchema());
  const waves: Record<string, string[][]> = {
    "compile-and-keep.yaml": [["compile", "types"], ["artifact"]],
    "compile-library.yaml": [["compile"], ["artifacts"]],
    "dead-letter-triage.yaml": [["given_up", "report"], ["replay"]],
    "nightly-care.yaml": [["index", "dead_letters"], ["index_status", "replay", "retention"], ["report"]],
    "trial-index.yaml": [["index"], ["status", "proof"], ["kept"]],
  };
  it("has the workflows that are checked here, and WORKFLOWS.md tells of each", () => {
    assert.deepEqual(files.sort(), Object.keys(waves));
    for (const file of files) assert.ok(read("docs/WORKFLOWS.md").includes(`examples/workflows/${file}`), file);
  });
  for (const [file, expected] of Object.entries(waves)) {
    it(`${file} names the schema in its first line, fits it, and runs actions that ship, with inputs that fit`, () => {
      const text = read(`examples/workflows/${file}`);
      assert.equal(text.split("\n")[0], "# yaml-language-server: $schema=../../docs/workflow.schema.json");
      assert.ok(validate(parse(text)), JSON.stringify(validate.errors));
      const workflow = Workflow.parse(parse(text));
      const graph = graphOf(workflow);
      assert.deepEqual("waves" in graph ? graph.waves : graph.problems, expected);
      assert.deepEqual(actionProblems(workflow, types), []);
      for (const { type, action } of workflow.steps) assert.ok(AgentEntry.parse(parse(read(`configs/agents/${type}.yaml`))).capabilities.includes(action), `${type}.${action}`);
    });
  }
});
