import assert from "node:assert/strict";
import { Grant } from "../contract/access.ts";
import { controlQueue, heartbeatsKey, resultsKey, taskQueue } from "../contract/bus.ts";
import { AgentEntry, ServerEntry } from "../contract/catalog.ts";
import { agentId } from "../contract/services.ts";
import { agentGrant, flashTraderGrant, hubGrant, serverGrant, serviceToken } from "./rights.ts";

const agent = (type: string, access = {}) => AgentEntry.parse({ type, description: "An agent for a test.", capabilities: ["act"], access });
const server = (access = {}) => ({
  ...ServerEntry.parse({ description: "A server for a test.", port: 8031, capabilities: ["act"], access }), category: "ai-integration" as const,
});
const allows = (pattern: string, name: string): boolean => new RegExp(pattern).test(name);

describe("the grant of an agent type", () => {
  const { rabbitmq, redis, etcd, postgres } = agentGrant(agent("code-indexer"));

  it("is what the access service takes", () => {
    for (const grant of [agentGrant(agent("code-indexer")), serverGrant("code-search", server()), hubGrant(), flashTraderGrant()]) {
      assert.deepEqual(Grant.parse(grant), grant);
    }
  });

  it("lets it read its tasks and its control queue, and nobody else's", () => {
    for (const mine of [taskQueue("code-indexer"), controlQueue(agentId("code-indexer", 7)), "mcp.topic"]) assert.ok(allows(rabbitmq!.read, mine), mine);
    for (const other of [taskQueue("builder"), "tasksXcode_indexer", "dead.code_indexer", "results", "control.builder-1", "control.code-indexer-1x", "unrouted"]) {
      assert.ok(!allows(rabbitmq!.read, other), other);
    }
  });

  it("lets it declare its control queue and nothing else", () => {
    assert.ok(allows(rabbitmq!.configure, "control.code-indexer-12"));
    for (const other of ["control.code-indexer-", "control.builder-1", "tasks.code_indexer", "mcp.topic", "x.control.code-indexer-1"]) {
      assert.ok(!allows(rabbitmq!.configure, other), other);
    }
  });

  it("lets it report under its own keys and publish events", () => {
    const { write, read } = rabbitmq!.topic!;
    for (const key of [resultsKey("code-indexer"), heartbeatsKey("code-indexer"), "events.system.index"]) assert.ok(allows(write, key), key);
    for (const key of ["results.builder", "resultsXcode_indexer", "tasks.builder", "control.builder-1", "x.events.system"]) assert.ok(!allows(write, key), key);
    assert.ok(allows(read, "control.code-indexer-1"));
    assert.ok(!allows(read, "tasks.code_indexer"), "it cannot bind a queue of its own to a task queue's key");
  });

  it("keeps it to its own keys in Redis and etcd", () => {
    assert.deepEqual(redis!.keys, ["~mcp:agents:status:code-indexer-[0-9]*", "~mcp:agents:code_indexer:*"]);
    assert.deepEqual(etcd, { readwrite: ["/services/mcp/agents/code-indexer/"], read: ["/services/mcp/"] });
    assert.deepEqual(postgres, { reads: [], groups: ["effects_writer"] });
    assert.equal(rabbitmq!.queuesFor, "code-indexer");
  });

  it("is widened by the catalogue entry, not replaced", () => {
    const wider = agentGrant(agent("code-indexer", { postgres: { owns: "code_index", groups: ["effects_writer"] }, redis: { keys: ["~mcp:index:*"], commands: ["+@read"] } }));
    assert.deepEqual(wider.postgres, { owns: "code_index", reads: [], groups: ["effects_writer"] });
    assert.deepEqual(wider.redis!.keys, [...redis!.keys, "~mcp:index:*"]);
    assert.deepEqual(wider.redis!.commands, redis!.commands);
  });
});

describe("the grant of a server", () => {
  it("lets it register itself and read the registry; no queue, no key, no table", () => {
    const grant = serverGrant("code-search", server());
    assert.deepEqual(grant, {
      identity: "server:code-search",
      rabbitmq: { configure: "^$", write: "^$", read: "^$" },
      redis: { keys: [], commands: ["+@connection", "+info"] },
      etcd: { readwrite: ["/services/mcp/servers/ai-integration/code-search-[0-9]"], read: ["/services/mcp/"] },
    });
  });

  it("has the tables that its entry asks for", () => {
    assert.deepEqual(serverGrant("code-search", server({ postgres: { reads: ["code_index"] } })).postgres, { reads: ["code_index"], groups: [] });
  });
});

describe("the token of a service", () => {
  it("is accepted everywhere for the hub, and by the hub alone for the rest", () => {
    assert.deepEqual(serviceToken("hub").aud, ["*"]);
    assert.deepEqual(serviceToken("agent:builder"), { sub: "agent:builder", role: "service", aud: ["hub"] });
  });
});

describe("the grant of the flash trader", () => {
  it("lets it tell its own events and write its own keys, and not set or clear the kill switch", () => {
    const { rabbitmq, redis, etcd, postgres } = flashTraderGrant();
    for (const key of ["events.arbitrage.found", "events.flash_loan.trade_changed"]) assert.ok(allows(rabbitmq!.topic!.write, key), key);
    for (const key of ["events.system.changes", "tasks.builder", "xevents.arbitrage.found"]) assert.ok(!allows(rabbitmq!.topic!.write, key), key);
    assert.deepEqual(redis!.keys, ["~mcp:arbitrage:opportunities", "~mcp:flash_loan:pool_states"]);
    assert.deepEqual(etcd, { readwrite: ["/trading/nonces/"], read: ["/trading/kill-switch"] });
    assert.equal(postgres!.owns, "trading");
  });
});
