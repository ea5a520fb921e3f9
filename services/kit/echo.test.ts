import assert from "node:assert/strict";
import type { PoolClient } from "pg";
import { echoAction } from "./echo.ts";
import { callAction } from "./testing.ts";

function table() {
  const rows: unknown[][] = [];
  const tx = { query: async (_sql: string, values: unknown[]) => void rows.push(values) } as unknown as PoolClient;
  return { rows, tx, echo: echoAction("builder-1", { count: async (taskId) => rows.filter(([id]) => id === taskId).length }) };
}

describe("echo", () => {
  it("gives its payload back, with who did it and the rows of its effect", async () => {
    const { tx, echo } = table();
    assert.deepEqual(await callAction(echo, null, { payload: { a: [1] } }, { tx }), { payload: { a: [1] }, agent: "builder-1", attempt: 1, effects: 1 });
  });

  it("fails the first n attempts after its effect, so that a repeated effect would show", async () => {
    const { tx, echo, rows } = table();
    const taskId = "0197a0de-5f7c-7a34-8a0e-1f5c8a8f4b11";
    const claims = new Map<string, object>();
    for (const attempt of [1, 2]) {
      await assert.rejects(callAction(echo, null, { failTimes: 2 }, { tx, taskId, attempt, claims }), new RegExp(`Attempt ${attempt} failed`));
    }
    const output = await callAction(echo, null, { failTimes: 2 }, { tx, taskId, attempt: 3, claims });
    assert.deepEqual([output.attempt, output.effects, rows.length], [3, 1, 1]);
    const again = await callAction(echo, null, {}, { tx, taskId, attempt: 4 }); // its claim is lost
    assert.equal(again.effects, 2);
  });

  it("sleeps until its signal, and pads its result", async () => {
    const { tx, echo } = table();
    await assert.rejects(callAction(echo, null, { sleepMs: 60_000 }, { tx, signal: AbortSignal.timeout(20) }), { name: "TimeoutError" });
    assert.equal((await callAction(echo, null, { padBytes: 1_000 }, { tx })).pad!.length, 1_000);
    await assert.rejects(callAction(echo, null, { sleepMs: -1 }, { tx }), /sleepMs/);
  });
});
