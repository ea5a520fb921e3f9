/** Workflows and foreign workers against real stores and a real hub, as processes that can be killed. */
import { after, afterEach, before, describe } from "mocha";
import { pythonWorkerCases } from "./python-worker.cases.ts";
import { eventually } from "../hub/rig.ts";
import { exampleCases } from "./example.cases.ts";
import { FleetRig, ROOT } from "./rig.ts";
import { recordCases } from "./run-store.cases.ts";
import { WorkflowEngine } from "./workflow-engine.ts";
import { workflowCases } from "./workflow.cases.ts";

describe("the fleet", function () {
  this.timeout(120_000);
  const rig = new FleetRig();
  before(() => rig.setUp());
  afterEach(function () {
    if (this.currentTest?.state === "failed") console.error(`${rig.words}\n--- hub\n${rig.hub.output.split("\n").slice(-12).join("\n")}`);
  });
  after(() => rig.tearDown());

  describe("record of runs", () => recordCases(rig));
  describe("workflows", () => workflowCases(rig));
  describe("example workflows", function () {
    // One of them indexes this whole repository.
    this.timeout(300_000);
    const engine = new WorkflowEngine(rig.hub);
    before(async () => {
      await Promise.all([
        ...["coordinator", "builder", "admin"].map((type) => rig.agent(type)), rig.agent("code-indexer", 1, { CODE_INDEXER_WORKSPACE: ROOT }),
        rig.server("workflow-engine"), rig.server("code-search"),
      ]);
      const tools = ["workflow-engine.list_workflows", "code-search.list_repositories"];
      await eventually(() => Promise.all(tools.map((tool) => engine.callTool(tool, {}))).catch(() => null), (answers) => answers !== null, 30_000);
      await eventually(() => rig.hub.call("GET", "/api/v1/actions"), ({ body }) => body.types.length === 4);
    });
    after(() => rig.dismiss());
    exampleCases(() => ({ call: (tool, input) => engine.callTool(tool, input), submit: (task) => rig.hub.submit(task), task: (id) => rig.hub.task(id) }));
  });
  describe("a worker in Python", () => pythonWorkerCases(rig));
});
