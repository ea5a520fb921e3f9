import assert from "node:assert/strict";
import { callAction } from "../../../kit/testing.ts";
import { deadTask, makeFakes, type Fakes } from "../testing/fakes.ts";
import { replayDeadLetters } from "./replay-dead-letters.ts";

describe("replay_dead_letters", () => {
  let fakes: Fakes;
  beforeEach(() => {
    fakes = makeFakes();
    fakes.dead.push(
      deadTask("one", { errorCode: "unavailable" }),
      deadTask("two", { type: "admin", finishedAt: "2026-01-03T00:00:00.000Z" }),
      deadTask("three", { errorCode: "unavailable", finishedAt: "2026-01-02T00:00:00.000Z" }),
    );
  });
  const replay = (input: object, options = {}) => callAction(replayDeadLetters, fakes.deps, input, options);
  const ids = (answer: { replayed: { id: string }[] }): string[] => answer.replayed.map(({ id }) => id);

  it("replays everything that was given up, and reports each", async () => {
    const answer = await replay({});
    assert.deepEqual([answer.matched, fakes.replayed], [3, ["one", "two", "three"]]);
    assert.deepEqual(answer.replayed[0], { id: "one", type: "builder", action: "echo", errorCode: "unavailable" });
  });
  it("chooses by type, error code and age, and stops at the limit", async () => {
    assert.deepEqual(ids(await replay({ type: "admin" })), ["two"]);
    assert.deepEqual(ids(await replay({ errorCode: "unavailable", olderThan: "2026-01-01T12:00:00+02:00" })), ["one"]);
    const limited = await replay({ limit: 1 });
    assert.deepEqual([limited.matched, ids(limited)], [3, ["one"]]);
  });
  it("changes nothing in a dry run", async () => {
    const answer = await replay({ dryRun: true });
    assert.deepEqual([answer.dryRun, ids(answer), fakes.replayed], [true, ["one", "two", "three"], []]);
  });
  it("goes on when the hub refuses one, and says so", async () => {
    fakes.refuses.add("two");
    const answer = await replay({});
    assert.deepEqual([fakes.replayed, answer.refused], [["one", "three"], [{ id: "two", reason: "Task two is pending" }]]);
  });
  it("stops when it is cancelled", async () => {
    const controller = new AbortController();
    await assert.rejects(replay({}, { signal: controller.signal, onProgress: () => controller.abort(new Error("cancelled by test")) }), /cancelled by test/);
    assert.deepEqual(fakes.replayed, ["one"]);
  });
});
