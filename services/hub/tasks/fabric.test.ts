import assert from "node:assert/strict";
import type { Pool } from "pg";
import { TaskPolicy } from "../../../contract/tasks.ts";
import type { Control } from "../agents/control.ts";
import { TaskFabric } from "./fabric.ts";
import type { Submission } from "./submit.ts";

const submission = (n: number, input: unknown = n): Submission => ({
  id: `0197a0de-5f7c-7a34-8a0e-${String(n).padStart(12, "0")}`, type: "builder", action: "echo", input, urgency: 1, caller: "user:a",
  idempotencyKey: null, maxAttempts: 3, deadline: null, traceParent: null, policy: TaskPolicy.parse({}),
});

describe("a batch of submissions", () => {
  /** A database that cannot store NUL characters, and is slow where asked. */
  function rig(slow: Promise<void> = Promise.resolve()) {
    const statements: number[] = [];
    const changed: string[] = [];
    const pool = {
      query: async ({ values: [json] }: { values: [string] }) => {
        statements.push((JSON.parse(json) as unknown[]).length);
        await slow;
        if (json.includes("\\u0000")) throw Object.assign(new Error("unsupported Unicode escape sequence"), { code: "22P05" });
        return { rows: (JSON.parse(json) as { id: string }[]).map(({ id }) => ({ id, state: "pending", created_at: new Date() })) };
      },
    } as unknown as Pool;
    const fabric = new TaskFabric(pool, {} as Control, {
      changed: (changes) => void changed.push(...changes.map(({ id }) => id)),
      completed: () => assert.fail(), alive: () => assert.fail(), pending: () => undefined, roomMade: () => assert.fail(), deadLetters: () => assert.fail(),
    }, () => null);
    return { fabric, statements, changed };
  }

  it("is stored by one statement, however large", async () => {
    const { fabric, statements, changed } = rig();
    const tasks = Array.from({ length: 1_000 }, (_, n) => submission(n));
    assert.deepEqual((await fabric.submitAll(tasks)).map((one) => one?.id), tasks.map(({ id }) => id));
    assert.deepEqual([statements, changed.length], [[1_000], 1_000]);
  });

  it("loses only what the database cannot store, with few statements", async () => {
    const { fabric, statements, changed } = rig();
    const tasks = Array.from({ length: 256 }, (_, n) => submission(n, n === 77 || n === 200 ? "\u0000" : n));
    const answers = await fabric.submitAll(tasks);
    assert.deepEqual(answers.flatMap((one, index) => (one === null ? [index] : [])), [77, 200]);
    assert.equal(changed.length, 254);
    assert.ok(statements.length <= 34, `${statements.length} statements`);
  });

  it("leaves the database's connections to the rest: one batch is stored at a time, and closing waits for all", async () => {
    let go!: () => void;
    const { fabric, statements } = rig(new Promise((resolve) => { go = resolve; }));
    const all = Promise.all([1, 2, 3].map((n) => fabric.submitAll([submission(n)])));
    while (statements.length === 0) await new Promise(setImmediate);
    for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
    assert.equal(statements.length, 1);
    go();
    await fabric.close();
    assert.equal(statements.length, 3);
    await all;
  });
});
