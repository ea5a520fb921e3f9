import assert from "node:assert/strict";
import { callTool } from "../../../../kit/testing.ts";
import { HealthBook } from "../health.ts";
import { aServer, anAgent, MemoryRegistry } from "../testing.ts";
import { findServices } from "./find-services.ts";

describe("find_services", () => {
  const registry = new MemoryRegistry(
    aServer("toolbox", { capabilities: ["hash_data", "encode_abi"] }), aServer("workbench", { capabilities: ["encode_abi"], status: "degraded" }),
    anAgent("builder", 1, { capabilities: ["build", "echo"] }), anAgent("builder", 2, { capabilities: ["build", "echo"], status: "active", current_task: "t-1" }),
  );
  const deps = { registry, health: new HealthBook(async () => ({ ready: true, missing: [], latencyMs: 0 })) };
  const found = async (input: Record<string, unknown>) => (await callTool(findServices, deps, input)).services.map(({ name, instance }) => `${name}-${instance}`);

  it("filters by capability, kind, name and status, together too", async () => {
    assert.deepEqual(await found({ capability: "encode_abi" }), ["toolbox-1", "workbench-1"]);
    assert.deepEqual(await found({ capability: "encode_abi", status: "healthy" }), ["toolbox-1"]);
    assert.deepEqual(await found({ kind: "agent" }), ["builder-1", "builder-2"]);
    assert.deepEqual(await found({ category: "utils", name: "workbench" }), ["workbench-1"]);
    assert.deepEqual(await found({ category: "blockchain" }), []);
    assert.equal((await found({})).length, 4);
  });

  it("shows where a service is and what it does", async () => {
    const { services, registered } = await callTool(findServices, deps, { status: "active" });
    assert.equal(registered, 4);
    assert.deepEqual(services, [{
      kind: "agent", name: "builder", instance: 2, category: null, status: "active", url: "http://mcp-builder-2:3102", capabilities: ["build", "echo"],
      currentTask: "t-1", version: "0.1.0", startedAt: "2026-01-01T00:00:00.000Z", key: "/services/mcp/agents/builder/agent-2",
    }]);
  });
});
