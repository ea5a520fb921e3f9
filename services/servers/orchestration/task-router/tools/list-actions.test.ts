import assert from "node:assert/strict";
import { callTool } from "../../../../kit/testing.ts";
import { MemoryHub } from "../testing.ts";
import { listActions } from "./list-actions.ts";

describe("list_actions", () => {
  const hub = new MemoryHub();
  hub.deploy("builder", "build", "echo");
  hub.deploy("admin", "report");

  it("lists the actions of deployed types with their schemas", async () => {
    const { types } = await callTool(listActions, hub.deps, {});
    assert.deepEqual(types.map(({ type, maxAttempts, actions }) => [type, maxAttempts, actions.map(({ name }) => name).join()]), [["builder", 5, "build,echo"], ["admin", 5, "report"]]);
    assert.deepEqual(types[0]!.actions[1]!.inputSchema, { type: "object", title: "echo" });
    const bare = await callTool(listActions, hub.deps, { type: "admin", includeSchemas: false });
    assert.deepEqual(bare.types.map(({ type, actions }) => [type, actions[0]!.inputSchema]), [["admin", null]]);
  });

  it("names the deployed types when one is not", async () => {
    await assert.rejects(callTool(listActions, hub.deps, { type: "planner" }), /No agent of type "planner" is deployed\. Deployed: admin, builder\./);
  });
});
