import assert from "node:assert/strict";
import { agentKey, serverKey, type Registration } from "../../../contract/registry.ts";
import { ServiceRegistry, type ServiceChange } from "./registry.ts";

const value = (part: Partial<Registration> = {}): string => JSON.stringify({
  host: "mcp-utils-1", port: 8080, status: "healthy", capabilities: ["hash_text"], current_task: null, version: "0.1.0", started_at: "2026-01-01T00:00:00Z", ...part,
});
const toolbox = serverKey("utils", "toolbox", 1);
const builder = agentKey("builder", 2);

function observed(): { registry: ServiceRegistry; changes: string[] } {
  const registry = new ServiceRegistry();
  const changes: string[] = [];
  registry.onChange(({ kind, entry }: ServiceChange) => changes.push(`${kind} ${entry.key}`));
  return { registry, changes };
}

describe("the registry", () => {
  it("tells what comes and what goes", () => {
    const { registry, changes } = observed();
    registry.put(toolbox, value());
    registry.remove(toolbox);
    registry.remove(toolbox);
    assert.deepEqual(changes, [`added ${toolbox}`, `removed ${toolbox}`]);
  });

  it("finds out by a new list what changed while it could not look", () => {
    const { registry, changes } = observed();
    registry.replaceAll([{ key: toolbox, value: value() }]);
    registry.replaceAll([{ key: builder, value: value({ status: "idle" }) }]);
    assert.deepEqual(changes, [`added ${toolbox}`, `removed ${toolbox}`, `added ${builder}`]);
  });

  it("tells a restart and a change of status, but not each new task of an agent", () => {
    const { registry, changes } = observed();
    registry.put(builder, value({ status: "idle" }));
    registry.put(builder, value({ status: "idle", current_task: "7" }));
    registry.put(builder, value({ status: "draining" }));
    registry.put(builder, value({ status: "draining", started_at: "2026-01-02T00:00:00Z" }));
    assert.deepEqual(changes, [`added ${builder}`, `changed ${builder}`, `changed ${builder}`]);
    assert.equal(registry.list()[0]!.started_at, "2026-01-02T00:00:00Z");
  });

  it("gives no work to a replica that is draining", () => {
    const { registry } = observed();
    registry.put(serverKey("utils", "toolbox", 1), value({ status: "draining" }));
    registry.put(serverKey("utils", "toolbox", 2), value({ status: "degraded", host: "mcp-utils-1-r2" }));
    assert.deepEqual(registry.replicas("utils", "toolbox").map(({ replica }) => replica), [2]);
    assert.deepEqual(registry.replicas("execution", "toolbox"), []);
  });

  it("passes over keys and values that are not of the contract", () => {
    const { registry, changes } = observed();
    registry.put("/services/mcp/strange", value());
    registry.put(toolbox, "not JSON");
    registry.put(toolbox, JSON.stringify({ host: "x" }));
    assert.deepEqual(changes, []);
  });
});
