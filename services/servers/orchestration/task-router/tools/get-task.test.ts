import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { callTool } from "../../../../kit/testing.ts";
import { MemoryHub } from "../testing.ts";
import { getTask } from "./get-task.ts";

describe("get_task", () => {
  it("shows result, error and attempts", async () => {
    const hub = new MemoryHub();
    const attempts = [{ attempt: 1, agentId: "builder-1", startedAt: "2026-01-01T00:00:00.000Z", finishedAt: null, outcome: null, error: null }];
    const done = hub.add({ state: "succeeded", result: { hash: "0x1" }, attempts, attempt: 1, progress: 1 });
    const failed = hub.add({ state: "failed", error: { code: "bad_input", message: "no source", retryable: false } });
    const first = await callTool(getTask, hub.deps, { id: done.id });
    assert.deepEqual([first.id, first.state, first.result, first.attempts, first.error], [done.id, "succeeded", { hash: "0x1" }, attempts, null]);
    const second = await callTool(getTask, hub.deps, { id: failed.id });
    assert.deepEqual([second.state, second.result, second.error?.message], ["failed", null, "no source"]);
  });

  it("passes on what the hub says about an unknown id", async () => {
    const id = randomUUID();
    await assert.rejects(callTool(getTask, new MemoryHub().deps, { id }), new RegExp(`no task ${id}`));
    await assert.rejects(callTool(getTask, new MemoryHub().deps, { id: "7" }), /id: /);
  });
});
