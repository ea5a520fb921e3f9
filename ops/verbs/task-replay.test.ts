import assert from "node:assert/strict";
import type { ReplayAnswer } from "../../contract/tasks.ts";
import type { Failure } from "../system/failure.ts";
import { readReplay, replayMany } from "./task-replay.ts";

describe("task replay", () => {
  it("takes an id, a filter, or --all, and never guesses", () => {
    assert.deepEqual(readReplay(["7"], {}), { id: "7" });
    assert.deepEqual(readReplay([], { type: "builder", error: "unavailable", limit: "5", "dry-run": true }), { filter: { type: "builder", errorCode: "unavailable", limit: 5, dryRun: true } });
    assert.deepEqual(readReplay([], { state: "dead", since: "2026-01-01T00:00:00Z" }), { filter: { state: "dead", finishedAfter: "2026-01-01T00:00:00Z" } });
    assert.deepEqual(readReplay([], { all: true }), { filter: {} });
    const wrong: [string[], Record<string, string | boolean>, RegExp][] = [
      [[], {}, /or --all/], [["7", "8"], {}, /one task/], [["7"], { all: true }, /not both/], [["7"], { type: "builder" }, /not both/],
      [[], { all: true, type: "builder" }, /leave it out, or --type/], [[], { state: "cancelled" }, /dead or failed/], [[], { all: true, limit: "0" }, /--limit/],
    ];
    for (const [words, flags, message] of wrong) assert.throws(() => readReplay(words, flags), (error: Failure) => error.exitCode === 2 && message.test(error.message));
  });

  /** A hub with so many given-up tasks, of which each call replays at most `limit`. */
  function hub(tasks: number): { calls: object[]; call: (body: { limit?: number; dryRun?: boolean }) => Promise<ReplayAnswer> } {
    const calls: object[] = [];
    return {
      calls,
      call: async (body) => {
        calls.push(body);
        const matched = tasks;
        const replayed = body.dryRun ? 0 : Math.min(tasks, body.limit!);
        tasks -= replayed;
        return { dryRun: body.dryRun ?? false, matched, replayed, finishedBefore: "2026-01-01T00:00:00.000Z" };
      },
    };
  }

  it("goes on until all are replayed, and asks only for those of before it began", async () => {
    const { calls, call } = hub(2_300);
    assert.partialDeepStrictEqual(await replayMany(call, { type: "builder" }), { matched: 2_300, replayed: 2_300 });
    const next = { type: "builder", limit: 1_000, finishedBefore: "2026-01-01T00:00:00.000Z" };
    assert.deepEqual(calls, [{ type: "builder", limit: 1_000 }, next, next]);
  });

  it("ends at its limit, and a dry run after one call", async () => {
    assert.equal((await replayMany(hub(5_000).call, { limit: 1_500 })).replayed, 1_500);
    const { calls, call } = hub(5_000);
    assert.partialDeepStrictEqual(await replayMany(call, { dryRun: true }), { matched: 5_000, replayed: 0 });
    assert.equal(calls.length, 1);
  });
});
