import assert from "node:assert/strict";
import { callTool } from "../../../../kit/testing.ts";
import { HealthBook } from "../health.ts";
import { aServer, anAgent, MemoryRegistry } from "../testing.ts";
import { getService } from "./get-service.ts";

describe("get_service", () => {
  const deps = {
    registry: new MemoryRegistry(aServer("toolbox"), aServer("toolbox", {}, 2), anAgent("builder", 1), anAgent("builder", 12)),
    health: new HealthBook(async () => ({ ready: true, missing: [], latencyMs: 0 })),
  };
  const keys = async (service: string) => (await callTool(getService, deps, { service })).instances.map(({ key }) => key.split("/").slice(-2).join("/"));

  it("finds a service by each of its names", async () => {
    assert.deepEqual(await keys("toolbox"), ["utils/toolbox-1", "utils/toolbox-2"]);
    assert.deepEqual(await keys("toolbox-2"), ["utils/toolbox-2"]);
    assert.deepEqual(await keys("builder-1"), ["builder/agent-1"]);
    assert.deepEqual(await keys("mcp-builder-12"), ["builder/agent-12"]);
    assert.deepEqual(await keys("/services/mcp/agents/builder/agent-1"), ["builder/agent-1"]);
  });

  it("lists who is there when the one asked for is not", async () => {
    await assert.rejects(keys("tool-box"), /No service "tool-box" is registered now\. Registered: builder, toolbox\./);
  });
});
