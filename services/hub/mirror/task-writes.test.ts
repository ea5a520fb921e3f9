import assert from "node:assert/strict";
import type { ChainableCommander } from "ioredis";
import { TaskWrites, writeTasks } from "./task-writes.ts";

/** What a pipeline is told, one line a command. */
function said(writes: TaskWrites, limit = 100): string[] {
  const lines: string[] = [];
  const pipeline: object = new Proxy({}, {
    get: (_, command: string) => (...args: unknown[]) => {
      lines.push([command, ...args.map((arg) => (typeof arg === "object" ? JSON.stringify(arg) : arg))].join(" "));
      return pipeline;
    },
  });
  writeTasks(pipeline as ChainableCommander, writes.take(limit));
  return lines;
}

describe("what is written of tasks in Redis", () => {
  it("is one command of a kind for all of them", () => {
    const writes = new TaskWrites();
    for (const id of ["a", "b"]) writes.add(id, { pending: 7, active: null, cached: null });
    writes.add("c", { pending: null, active: null });
    assert.deepEqual(said(writes), [
      "zadd mcp:tasks:pending 7 a 7 b",
      "zrem mcp:tasks:pending c",
      "del mcp:tasks:active:a mcp:results:cache:a mcp:tasks:active:b mcp:results:cache:b mcp:tasks:active:c",
    ]);
    assert.deepEqual(said(writes), [], "once");
  });

  it("is a task's last word, whatever it was in between", () => {
    const writes = new TaskWrites();
    writes.add("a", { pending: 7, active: null, cached: null });
    writes.add("a", { pending: null, active: { agent: "", attempt: 1 } });
    writes.add("a", { active: { agent: "builder-1", attempt: 1, note: "half" } });
    writes.add("b", { pending: null, active: { agent: "", attempt: 1, note: "old" } });
    writes.add("b", { pending: null, active: null });
    writes.add("b", { cached: "{}" });
    assert.deepEqual(said(writes), [
      'hset mcp:tasks:active:a {"agent":"builder-1","attempt":1,"note":"half"}', "expire mcp:tasks:active:a 3600",
      "set mcp:results:cache:b {} EX 86400",
      "zrem mcp:tasks:pending a b",
      "del mcp:results:cache:a mcp:tasks:active:b",
    ]);
  });

  it("goes out in parts, oldest first", () => {
    const writes = new TaskWrites();
    for (const id of ["a", "b", "c"]) writes.add(id, { pending: 1 });
    assert.deepEqual([said(writes, 2), said(writes, 2)], [["zadd mcp:tasks:pending 1 a 1 b"], ["zadd mcp:tasks:pending 1 c"]]);
  });
});
