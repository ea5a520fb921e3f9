import assert from "node:assert/strict";
import { callTool } from "../../../../kit/testing.ts";
import { HealthBook } from "../health.ts";
import { aServer, anAgent, MemoryRegistry } from "../testing.ts";
import { watchChanges } from "./watch-changes.ts";

describe("watch_changes", () => {
  const [a, b] = [aServer("a"), anAgent("b", 1)];
  const setup = () => {
    const registry = new MemoryRegistry(a, b);
    const deps = { registry, health: new HealthBook(async () => ({ ready: true, missing: [], latencyMs: 0 })) };
    return { registry, watch: (input: Record<string, unknown>, signal?: AbortSignal) => callTool(watchChanges, deps, input, signal ? { signal } : {}) };
  };
  const short = (answer: { changes: { change: string; service: { name: string }; restarted: boolean }[] }) =>
    answer.changes.map(({ change, service, restarted }) => `${service.name} ${change}${restarted ? " (restarted)" : ""}`);

  it("begins at now and tells what happened since, once", async () => {
    const { registry, watch } = setup();
    const first = await watch({});
    assert.deepEqual(first.changes, []);
    registry.set({ ...a, status: "degraded" }, aServer("c"));
    const second = await watch({ cursor: first.cursor });
    assert.deepEqual(short(second), ["b vanished", "a changed", "c appeared"]);
    assert.equal(second.changes[1]!.statusBefore, "healthy");
    assert.deepEqual((await watch({ cursor: second.cursor })).changes, []);
    registry.set({ ...a, status: "degraded", started_at: "2026-02-02T00:00:00.000Z" }, aServer("c"));
    assert.deepEqual(short(await watch({ cursor: second.cursor })), ["a changed (restarted)"]);
  });

  it("waits for a first change, and no longer than told", async () => {
    const { registry, watch } = setup();
    const { cursor } = await watch({});
    const waiting = watch({ cursor, waitSeconds: 20 });
    setTimeout(() => registry.set(a), 30);
    assert.deepEqual(short(await waiting), ["b vanished"]);
    const startedAt = Date.now();
    assert.deepEqual(short(await watch({ waitSeconds: 1 })), []);
    assert.ok(Date.now() - startedAt >= 950);
  });

  it("lists everything when etcd has forgotten the cursor", async () => {
    const { registry, watch } = setup();
    const { cursor } = await watch({});
    registry.set(a);
    registry.compactedTo = 1;
    const answer = await watch({ cursor });
    assert.deepEqual([answer.historyLost, short(answer)], [true, ["a appeared"]]);
    await assert.rejects(watch({ cursor: "xyz" }), /not one of watch_changes/);
  });
});
