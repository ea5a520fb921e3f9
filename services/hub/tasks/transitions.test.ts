import assert from "node:assert/strict";
import type { TaskError } from "../../../contract/bus.ts";
import { FINAL_STATES } from "../../../contract/tasks.ts";
import { transition, type Change, type TaskEvent, type TaskFacts } from "./transitions.ts";

const facts = (part: Partial<TaskFacts>): TaskFacts => ({
  state: "active", attempt: 2, failures: 1, maxAttempts: 3, backoffMs: 1_000, maxBackoffMs: 60_000, cancelRequested: false, ...part,
});
const retryable: TaskError = { code: "unavailable", message: "The chain did not answer.", retryable: true };
const hopeless: TaskError = { code: "bad_input", message: "No such file.", retryable: false };
const late: TaskError = { code: "deadline", message: "Too late.", retryable: false };

describe("transitions of a task", () => {
  const rows: [title: string, task: Partial<TaskFacts>, event: TaskEvent, expected: Partial<Change> | null][] = [
    ["a result of the current attempt ends it", {}, { kind: "succeeded", attempt: 2 }, { state: "succeeded", outcome: "succeeded", error: null, deadLetter: false }],
    ["a result of an earlier attempt is refused", {}, { kind: "succeeded", attempt: 1 }, null],
    ["a result of an attempt that never began is refused", {}, { kind: "succeeded", attempt: 3 }, null],
    ["a result that comes after the attempt was declared lost is refused", { state: "pending" }, { kind: "succeeded", attempt: 2 }, null],
    ["a success that overtakes a cancellation counts", { cancelRequested: true }, { kind: "succeeded", attempt: 2 }, { state: "succeeded" }],
    ["a retryable failure waits and goes again", {}, { kind: "failed", attempt: 2, error: retryable }, { state: "pending", failures: 2, retryInMs: 2_000, outcome: "failed", error: retryable, deadLetter: false }],
    ["the delay doubles and is capped", { failures: 9, maxAttempts: 20 }, { kind: "failed", attempt: 2, error: retryable }, { state: "pending", retryInMs: 60_000 }],
    ["the last allowed failure makes it dead", { failures: 2 }, { kind: "failed", attempt: 2, error: retryable }, { state: "dead", failures: 3, deadLetter: true, error: retryable, retryInMs: null }],
    ["a failure that no retry can cure fails it at once", { failures: 0 }, { kind: "failed", attempt: 2, error: hopeless }, { state: "failed", failures: 1, deadLetter: true, error: hopeless }],
    ["a failure after a cancellation is a cancellation", { cancelRequested: true }, { kind: "failed", attempt: 2, error: retryable }, { state: "cancelled", deadLetter: false }],
    ["a lost attempt is retried and its agent told to stop", {}, { kind: "lost", attempt: 2, error: retryable }, { state: "pending", failures: 2, outcome: "lost", cancelAgent: true }],
    ["a lost last attempt makes it dead", { failures: 2 }, { kind: "lost", attempt: 2, error: retryable }, { state: "dead", deadLetter: true }],
    ["an earlier attempt cannot be lost again", {}, { kind: "lost", attempt: 1, error: retryable }, null],
    ["a returned attempt goes again at once and does not count", { failures: 2 }, { kind: "returned", attempt: 2 }, { state: "pending", failures: 2, retryInMs: 0, outcome: "returned" }],
    ["a returned attempt of a cancelled task is not dispatched again", { cancelRequested: true }, { kind: "returned", attempt: 2 }, { state: "cancelled", outcome: "cancelled" }],
    ["an agent confirms a cancellation", { cancelRequested: true }, { kind: "cancelled", attempt: 2 }, { state: "cancelled", outcome: "cancelled" }],
    ["an agent that gives up unasked counts as failed", {}, { kind: "cancelled", attempt: 2 }, { state: "pending", failures: 2, outcome: "failed" }],
    ["a pending task is cancelled at once", { state: "pending" }, { kind: "cancel-requested" }, { state: "cancelled", cancelAgent: false, outcome: null }],
    ["a running task is asked to stop first", {}, { kind: "cancel-requested" }, { state: "active", cancelRequested: true, cancelAgent: true, outcome: null }],
    ["a second cancellation changes nothing", { cancelRequested: true }, { kind: "cancel-requested" }, null],
    ["an agent that does not answer a cancellation is given up", { cancelRequested: true }, { kind: "cancel-overdue", attempt: 2 }, { state: "cancelled", outcome: "lost", cancelAgent: true }],
    ["a pending task past its time fails without a dead letter", { state: "pending" }, { kind: "expired", error: late }, { state: "failed", error: late, deadLetter: false, outcome: null }],
    ["a running task past its deadline fails and its agent is told", {}, { kind: "expired", error: late }, { state: "failed", error: late, outcome: "lost", cancelAgent: true }],
    ["a replay starts with a full budget of attempts", { state: "dead", failures: 3 }, { kind: "replayed" }, { state: "pending", failures: 0, retryInMs: 0, error: null }],
    ["a replay forgets an earlier cancellation", { state: "cancelled", cancelRequested: true }, { kind: "replayed" }, { state: "pending", cancelRequested: false }],
    ["a failed task can be replayed", { state: "failed" }, { kind: "replayed" }, { state: "pending" }],
    ["a succeeded task cannot be replayed", { state: "succeeded" }, { kind: "replayed" }, null],
    ["a running task cannot be replayed", {}, { kind: "replayed" }, null],
    ["a pending task cannot be replayed", { state: "pending" }, { kind: "replayed" }, null],
  ];
  for (const [title, task, event, expected] of rows) {
    it(title, () => {
      const change = transition(facts(task), event, 0);
      if (expected === null) assert.equal(change, null);
      else assert.partialDeepStrictEqual(change, expected);
    });
  }

  it("changes nothing in a final state but by a replay", () => {
    const events: TaskEvent[] = [
      { kind: "succeeded", attempt: 2 }, { kind: "failed", attempt: 2, error: retryable }, { kind: "returned", attempt: 2 },
      { kind: "cancelled", attempt: 2 }, { kind: "lost", attempt: 2, error: retryable }, { kind: "expired", error: late },
      { kind: "cancel-requested" }, { kind: "cancel-overdue", attempt: 2 },
    ];
    for (const state of FINAL_STATES) for (const event of events) assert.equal(transition(facts({ state }), event), null, `${state} ${event.kind}`);
  });

  it("takes up to a fifth off the delay, so that tasks that failed together do not come back together", () => {
    const delay = (random: number): number => transition(facts({}), { kind: "failed", attempt: 2, error: retryable }, random)!.retryInMs!;
    assert.equal(delay(0), 2_000);
    assert.equal(delay(0.5), 1_800);
    assert.ok(delay(0.999) >= 1_600);
  });
});
