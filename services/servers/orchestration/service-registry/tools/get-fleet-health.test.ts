import assert from "node:assert/strict";
import { callTool } from "../../../../kit/testing.ts";
import { HealthBook } from "../health.ts";
import { aServer, anAgent, MemoryRegistry } from "../testing.ts";
import { getFleetHealth } from "./get-fleet-health.ts";

describe("get_fleet_health", () => {
  const sick = new Set<string>();
  const deps = (...entries: Parameters<MemoryRegistry["set"]>) => ({
    registry: new MemoryRegistry(...entries),
    health: new HealthBook(async ({ host }, timeoutMs) => ({ ready: !sick.has(host), missing: sick.has(host) ? [`postgres (${timeoutMs})`] : [], latencyMs: 3 })),
  });
  afterEach(() => sick.clear());

  it("is healthy when everybody is, and not when nobody is there", async () => {
    const answer = await callTool(getFleetHealth, deps(aServer("a"), anAgent("b", 1)), {});
    assert.deepEqual([answer.healthy, answer.checked, answer.healthyCount, answer.services], [true, 2, 2, []]);
    assert.equal((await callTool(getFleetHealth, deps(), {})).healthy, false);
  });

  it("names the unwell with what they lack, first", async () => {
    sick.add("mcp-b-1");
    const answer = await callTool(getFleetHealth, deps(aServer("a"), anAgent("b", 1), aServer("c", { status: "degraded" })), { includeHealthy: true, timeoutMs: 500 });
    assert.deepEqual([answer.healthy, answer.healthyCount], [false, 1]);
    assert.deepEqual(answer.services.map(({ service, healthy, missing }) => [service, healthy, ...missing]), [["b-1", false, "postgres (500)"], ["c-1", false], ["a-1", true]]);
    assert.equal(answer.services[2]!.unhealthySince, null);
    assert.ok(Date.parse(answer.services[0]!.unhealthySince!) <= Date.parse(answer.checkedAt));
  });
});
