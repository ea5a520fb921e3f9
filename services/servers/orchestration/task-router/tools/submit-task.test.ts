import assert from "node:assert/strict";
import { callTool } from "../../../../kit/testing.ts";
import { MemoryHub } from "../testing.ts";
import { submitTask } from "./submit-task.ts";

describe("submit_task", () => {
  it("passes the task on as it is and answers its id", async () => {
    const hub = new MemoryHub();
    const request = { type: "builder", action: "build", input: { source: "a" }, priority: "high", deadline: "2027-01-01T00:00:00Z", maxAttempts: 2 };
    for (const source of ["a", "b"]) {
      const receipt = await callTool(submitTask, hub.deps, { ...request, input: { source } });
      assert.deepEqual(hub.asked.at(-1), { ...request, input: { source } });
      assert.deepEqual([receipt.state, hub.tasks.get(receipt.id)!.input], ["pending", { source }]);
    }
  });

  it("keeps the idempotency keys of different callers apart", async () => {
    const hub = new MemoryHub();
    const keys: unknown[] = [];
    for (const sub of ["user:ann", "user:ann", "user:bob"]) {
      await callTool(submitTask, hub.deps, { type: "builder", action: "build", idempotencyKey: "k" }, { caller: { sub, role: "admin", aud: ["*"] } });
      keys.push((hub.asked.at(-1) as { idempotencyKey: string }).idempotencyKey);
    }
    assert.equal(keys[0], keys[1]);
    assert.notEqual(keys[1], keys[2]);
  });

  it("refuses a deadline that is no time before asking the hub", async () => {
    const hub = new MemoryHub();
    await assert.rejects(callTool(submitTask, hub.deps, { type: "builder", action: "build", deadline: "soon" }), /deadline/);
    assert.deepEqual(hub.asked, []);
  });
});
