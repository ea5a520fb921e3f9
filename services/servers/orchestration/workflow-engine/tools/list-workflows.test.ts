import assert from "node:assert/strict";
import { callTool } from "../../../../kit/testing.ts";
import { MemoryEngine } from "../testing.ts";
import { listWorkflows } from "./list-workflows.ts";

describe("list_workflows", () => {
  it("lists the runs among the coordinator's tasks, with how far their steps are", async () => {
    const engine = new MemoryEngine();
    const [first, second] = [engine.add({ state: "active" }), engine.add({ input: null })];
    engine.add({ action: "settle_workflow" });
    engine.record(first.id, { state: "settling", reason: null }, { build: {}, keep: { state: "running" }, "keep[0]": {} });
    const page = await callTool(listWorkflows, engine.deps, { state: "active", limit: 7, cursor: "c" });
    assert.deepEqual(engine.asked, [{ type: "coordinator", state: "active", limit: 7, cursor: "c" }]);
    assert.deepEqual(page.runs.map(({ id, name, state, settling, steps }) => [id, name, state, settling, steps]),
      [[first.id, "parts", "active", true, { succeeded: 1, running: 1 }], [second.id, null, "pending", false, {}]]);
    assert.equal(page.nextCursor, "next");
  });
});
