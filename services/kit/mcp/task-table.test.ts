import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { ProtocolError, type CallToolResult } from "@modelcontextprotocol/server";
import { TaskTable, type Started, type TaskWork } from "./task-table.ts";
import type { WireTask } from "./task-wire.ts";

const ADA = "user:ada";
const open = new AbortController().signal;
const text = (value: string): CallToolResult => ({ content: [{ type: "text", text: value }] });
const until = (signal: AbortSignal): Promise<never> => new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("stopped"))));

describe("long calls of a server", () => {
  let now: number;
  let table: TaskTable;
  beforeEach(() => {
    now = Date.parse("2026-11-01T12:00:00Z");
    table = new TaskTable(() => now);
  });
  const start = async (work: (task: TaskWork) => Promise<CallToolResult>): Promise<string> => {
    const started: Started = await table.run(ADA, open, work);
    assert.equal(started["resultType"], "task");
    return (started as WireTask).taskId;
  };

  it("are answered at once when they end soon, and leave nothing behind", async () => {
    assert.deepEqual(await table.run(ADA, open, async () => text("soon")), text("soon"));
    await assert.rejects(table.run(ADA, open, async () => { throw new Error("soon too"); }), /soon too/);
  });

  it("become a task, which shows what it does, when it changed, and what it came to", async () => {
    const go = Promise.withResolvers<CallToolResult>();
    let doing!: TaskWork;
    const taskId = await start((task) => ((doing = task), go.promise));
    now += 5_000;
    doing.say("half way");
    const wire = { taskId, createdAt: "2026-11-01T12:00:00.000Z", lastUpdatedAt: "2026-11-01T12:00:05.000Z", statusMessage: "half way", ttlMs: 3_600_000, pollIntervalMs: 500 };
    assert.deepEqual(table.get(ADA, taskId), { ...wire, status: "working" });
    go.resolve(text("done"));
    await sleep(0);
    assert.deepEqual(table.get(ADA, taskId), { ...wire, status: "completed", result: text("done") });
  });

  it("are nobody else's", async () => {
    const taskId = await start(({ signal }) => until(signal));
    for (const [owner, id] of [["user:eve", taskId], [ADA, "other"], [ADA, 7], [ADA, undefined]] as const) {
      assert.deepEqual([table.get(owner, id), table.update(owner, id, {}), table.cancel(owner, id)], [null, false, false]);
    }
    assert.equal(table.get(ADA, taskId)!.status, "working", "and the one that there is goes on");
  });

  it("that fail as tools are completed; errors of the protocol fail, and surprises say nothing of themselves", async () => {
    const failures: [unknown, object][] = [
      [new ProtocolError(-32_602, "no such block", { block: 1 }), { code: -32_602, message: "no such block", data: { block: 1 } }],
      [new Error("password=hunter2"), { code: -32_603, message: "Internal error" }],
    ];
    for (const [thrown, error] of failures) {
      const taskId = await start(() => sleep(210).then(() => { throw thrown; }));
      await sleep(30);
      const { status, error: told, result } = table.get(ADA, taskId)!;
      assert.deepEqual([status, told, result], ["failed", error, undefined]);
    }
    const taskId = await start(() => sleep(210, { ...text("no"), isError: true }));
    await sleep(30);
    assert.deepEqual([table.get(ADA, taskId)!.status, table.get(ADA, taskId)!.result!["isError"]], ["completed", true]);
  });

  it("are cancelled when the work stops, and completed when it ends all the same", async () => {
    const stops = await start(({ signal }) => until(signal));
    const says = await start(({ signal }) => until(signal).catch(() => ({ ...text("The call was cancelled."), isError: true })));
    const goesOn = Promise.withResolvers<CallToolResult>();
    const ends = await start(() => goesOn.promise);
    for (const id of [stops, says, ends]) assert.ok(table.cancel(ADA, id));
    assert.equal(table.get(ADA, ends)!.status, "working");
    goesOn.resolve(text("too late to stop"));
    await sleep(0);
    assert.deepEqual([stops, says, ends].map((id) => table.get(ADA, id)!.status), ["cancelled", "cancelled", "completed"]);
    assert.ok(table.cancel(ADA, ends), "again, to no effect");
    assert.equal(table.get(ADA, ends)!.status, "completed");
  });

  it("ask the client, who may answer bit by bit; each key counts once", async () => {
    const taskId = await start(async ({ ask }) => {
      const first = await ask({ name: { method: "elicitation/create" }, sure: { method: "elicitation/create" } });
      const second = await ask({ name: { method: "elicitation/create" } });
      return text(JSON.stringify([first, second]));
    });
    const asked = (): string[] => Object.keys(table.get(ADA, taskId)!.inputRequests ?? {});
    assert.equal(table.get(ADA, taskId)!.status, "input_required");
    const [name, sure] = asked() as [string, string];
    table.update(ADA, taskId, { [name]: "Ada", unknown: 1 });
    assert.deepEqual(asked(), [sure]);
    table.update(ADA, taskId, { [sure]: true });
    await sleep(0);
    assert.equal(asked().length, 1);
    table.update(ADA, taskId, { [name]: "an answer to the first question, once more" });
    assert.equal(table.get(ADA, taskId)!.status, "input_required");
    table.update(ADA, taskId, { [asked()[0]!]: "Lovelace" });
    await sleep(0);
    const { status, result } = table.get(ADA, taskId)!;
    assert.deepEqual([status, (result!["content"] as { text: string }[])[0]!.text], ["completed", '[{"name":"Ada","sure":true},{"name":"Lovelace"}]']);
  });

  it("stop asking when they are cancelled", async () => {
    const taskId = await start(async ({ ask }) => text(JSON.stringify(await ask({ name: {} }))));
    table.cancel(ADA, taskId);
    await sleep(0);
    assert.deepEqual([table.get(ADA, taskId)!.status, table.get(ADA, taskId)!.inputRequests], ["cancelled", undefined]);
  });

  it("are cancelled by a client that goes before there is a task", async () => {
    const leaving = new AbortController();
    let stopped = false;
    const call = table.run(ADA, leaving.signal, ({ signal }) => until(signal).finally(() => { stopped = true; }));
    leaving.abort();
    await assert.rejects(call, /stopped/);
    assert.ok(stopped);
  });

  it("are kept for their time to live, and refused when there are too many of them", async () => {
    const quick = Promise.withResolvers<CallToolResult>();
    const ids = await Promise.all(Array.from({ length: 1_000 }, () => start(() => quick.promise)));
    const refused = await table.run(ADA, open, async () => text("one more")) as CallToolResult;
    assert.equal(refused.isError, true);
    quick.resolve(text("done"));
    await sleep(0);
    now += 3_600_000;
    await table.run(ADA, open, async () => text(""));
    assert.equal(table.get(ADA, ids[0])!.status, "completed");
    now += 1;
    assert.deepEqual(await table.run(ADA, open, async () => text("room again")), text("room again"));
    assert.equal(table.get(ADA, ids[0]), null);
  });
});
