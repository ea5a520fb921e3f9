import assert from "node:assert/strict";
import { overdueEvent, type Overdue } from "./sweep.ts";
import { nextRoundMs } from "./sweeper.ts";
import { transition, type TaskFacts } from "./transitions.ts";

const running: TaskFacts = { state: "active", attempt: 1, failures: 0, maxAttempts: 3, backoffMs: 1_000, maxBackoffMs: 60_000, cancelRequested: false };

describe("an overdue task", () => {
  const rows: [Overdue, Partial<TaskFacts>, string, string][] = [
    ["silent", {}, "pending", "heartbeat_timeout"],
    ["slow", {}, "pending", "timeout"],
    ["undelivered", {}, "pending", "undelivered"],
    ["deadline", {}, "failed", "deadline"],
    ["deadline", { state: "pending" }, "failed", "deadline"],
    ["queued", { state: "pending" }, "failed", "queued_timeout"],
    ["cancel", { cancelRequested: true }, "cancelled", "cancelled"],
    ["silent", { cancelRequested: true }, "cancelled", "cancelled"],
    ["silent", { failures: 2 }, "dead", "heartbeat_timeout"],
  ];
  for (const [overdue, part, state, code] of rows) {
    it(`${overdue}, ${JSON.stringify(part)}, becomes ${state}`, () => {
      const { event } = overdueEvent({ id: "t", type: "builder", attempt: 1, agentId: "builder-1", overdue });
      const change = transition({ ...running, ...part }, event);
      assert.equal(change?.state, state);
      assert.equal(change?.error?.code, code);
      assert.equal(change?.error?.retryable, code === "heartbeat_timeout" || code === "timeout" || code === "undelivered", "as the caller reads it");
    });
  }
});

describe("the next sweep", () => {
  it("comes each second while work is under way", () => assert.equal(nextRoundMs({ active: true, expiresInMs: null, unsent: false }), 1_000));
  it("comes soon while the outbox holds something", () => assert.equal(nextRoundMs({ active: false, expiresInMs: null, unsent: true }), 1_000));
  it("comes when the first waiting task expires", () => assert.equal(nextRoundMs({ active: false, expiresInMs: 2_500, unsent: false }), 2_500));
  it("does not hurry for one that expires much later", () => assert.equal(nextRoundMs({ active: false, expiresInMs: 3_600_000, unsent: false }), 5_000));
  it("comes each half minute when there is nothing to do", () => assert.equal(nextRoundMs({ active: false, expiresInMs: null, unsent: false }), 30_000));
});
