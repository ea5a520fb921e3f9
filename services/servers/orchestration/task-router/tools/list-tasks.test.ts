import assert from "node:assert/strict";
import { callTool } from "../../../../kit/testing.ts";
import { MemoryHub } from "../testing.ts";
import { listTasks } from "./list-tasks.ts";

describe("list_tasks", () => {
  it("passes filter and cursor on, and leaves inputs and results out", async () => {
    const hub = new MemoryHub();
    const [a, b] = [hub.add({ input: { secret: 1 }, result: { big: true } }), hub.add({ state: "dead", attempt: 3 })];
    const page = await callTool(listTasks, hub.deps, { state: "dead", type: "builder", limit: 7, cursor: "c" });
    assert.deepEqual(hub.asked, [{ state: "dead", type: "builder", limit: 7, cursor: "c" }]);
    assert.deepEqual(page.tasks.map(({ id, state, attempt }) => [id, state, attempt]), [[a.id, "pending", 0], [b.id, "dead", 3]]);
    assert.ok(!JSON.stringify(page).includes("secret") && !JSON.stringify(page).includes("big"));
    assert.equal(page.nextCursor, "next");
    await assert.rejects(callTool(listTasks, hub.deps, { state: "lost" }), /state/);
  });
});
