import assert from "node:assert/strict";
import type { Pool } from "pg";
import { Registry } from "prom-client";
import { createHubMetrics } from "./metrics.ts";
import type { LiveQueue } from "./queues/queue-reader.ts";

describe("the hub's figures", () => {
  let queues: LiveQueue[] = [];
  let outbox = { rows: 0, oldest: 0 };
  let asked = 0;
  const registry = new Registry();
  createHubMetrics(registry, {
    pool: () => ({ query: async () => (asked++, { rows: [outbox] }) }) as unknown as Pool,
    queues: { live: async () => queues },
    registered: () => ({ server: 0, agent: 0 }),
    gatewayTools: () => 0,
    redisUp: () => true,
  });
  const sample = async (name: string): Promise<string[]> => (await registry.metrics()).split("\n").filter((line) => line.startsWith(name));

  it("tell queue latency and depth as they are at this scrape, not at the one before", async () => {
    queues = [{ type: "builder", pending: 3, active: 2, oldestSeconds: 12.5 }];
    assert.deepEqual(await sample("mcp_hub_queue_oldest_seconds{"), ['mcp_hub_queue_oldest_seconds{type="builder"} 12.5']);
    queues = [{ type: "admin", pending: 0, active: 1, oldestSeconds: 0 }];
    assert.deepEqual(await sample("mcp_hub_queue_oldest_seconds{"), ['mcp_hub_queue_oldest_seconds{type="admin"} 0']);
    assert.deepEqual(await sample("mcp_hub_tasks{"), ['mcp_hub_tasks{type="admin",state="pending"} 0', 'mcp_hub_tasks{type="admin",state="active"} 1']);
  });

  it("tell how many messages the broker has not confirmed and since when, with one question a scrape", async () => {
    outbox = { rows: 4, oldest: 7 };
    asked = 0;
    assert.deepEqual(await sample("mcp_hub_outbox_"), ["mcp_hub_outbox_messages 4", "mcp_hub_outbox_oldest_seconds 7"]);
    assert.equal(asked, 1);
  });
});
