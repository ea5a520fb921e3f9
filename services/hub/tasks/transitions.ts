/** The state machine of a task: what each event makes of it. Pure, so that every rule is one row of a test table. */
import type { TaskError } from "../../../contract/bus.ts";
import type { TaskState } from "../../../contract/tasks.ts";
import { backoffMs } from "../../kit/backoff.ts";

/** What a decision depends on. */
export interface TaskFacts {
  state: TaskState;
  /** Attempts started; the current one while the task is active. */
  attempt: number;
  /** Attempts that count against `maxAttempts`. */
  failures: number;
  maxAttempts: number;
  backoffMs: number;
  maxBackoffMs: number;
  cancelRequested: boolean;
}

export type TaskEvent =
  | { kind: "succeeded"; attempt: number }
  | { kind: "failed"; attempt: number; error: TaskError }
  /** The agent stops and gives the task back. */
  | { kind: "returned"; attempt: number }
  | { kind: "cancelled"; attempt: number }
  /** No sign of life, or over its time, or the broker gave the message up. */
  | { kind: "lost"; attempt: number; error: TaskError }
  /** The task's own time is over: queued too long, or past its deadline. */
  | { kind: "expired"; error: TaskError }
  | { kind: "cancel-requested" }
  /** The agent did not answer a cancellation in time. */
  | { kind: "cancel-overdue"; attempt: number }
  | { kind: "replayed" };

export interface Change {
  state: TaskState;
  failures: number;
  cancelRequested: boolean;
  /** Milliseconds until it may be dispatched; only for `pending`. */
  retryInMs: number | null;
  /** What the task's `error` becomes. */
  error: TaskError | null;
  /** How the running attempt ended; null when none did. */
  outcome: "succeeded" | "failed" | "returned" | "cancelled" | "lost" | null;
  /** Goes to the dead-letter exchange. */
  deadLetter: boolean;
  /** The agent should be told to stop. */
  cancelAgent: boolean;
}

/** The error that a cancelled task shows. */
export const CANCELLED: TaskError = { code: "cancelled", message: "The task was cancelled.", retryable: false };

/**
 * What `event` makes of a task, or null where it changes nothing: a result of an attempt that is not the current one
 * (it was declared lost, and another may be running), or a request that the state does not allow.
 *
 * @param random in [0, 1), for the jitter of the retry delay; given by tests
 */
export function transition(task: TaskFacts, event: TaskEvent, random: number = Math.random()): Change | null {
  const change = (part: Partial<Change> & { state: TaskState }): Change => ({
    failures: task.failures,
    cancelRequested: task.cancelRequested,
    retryInMs: null,
    error: null,
    outcome: null,
    deadLetter: false,
    cancelAgent: false,
    ...part,
  });

  if (task.state === "pending") {
    if (event.kind === "cancel-requested") return change({ state: "cancelled", cancelRequested: true, error: CANCELLED });
    if (event.kind === "expired") return change({ state: "failed", error: event.error });
    return null;
  }
  if (task.state === "active") {
    if ("attempt" in event && event.attempt !== task.attempt) return null;
    switch (event.kind) {
      case "succeeded":
        return change({ state: "succeeded", outcome: "succeeded" });
      case "returned":
        if (task.cancelRequested) return change({ state: "cancelled", outcome: "cancelled", error: CANCELLED });
        return change({ state: "pending", retryInMs: 0, outcome: "returned" });
      case "cancelled":
        if (task.cancelRequested) return change({ state: "cancelled", outcome: "cancelled", error: CANCELLED });
        return afterFailure({ code: "cancelled_by_agent", message: "The agent gave the task up although nobody had cancelled it.", retryable: true }, "failed");
      case "failed":
      case "lost":
        return afterFailure(event.error, event.kind);
      case "expired":
        return change({ state: "failed", error: event.error, outcome: "lost", cancelAgent: true });
      case "cancel-requested":
        return task.cancelRequested ? null : change({ state: "active", cancelRequested: true, cancelAgent: true });
      case "cancel-overdue":
        return change({ state: "cancelled", outcome: "lost", error: CANCELLED, cancelAgent: true });
      case "replayed":
        return null;
    }
  }
  if (event.kind === "replayed" && task.state !== "succeeded") {
    return change({ state: "pending", failures: 0, cancelRequested: false, retryInMs: 0 });
  }
  return null;

  function afterFailure(error: TaskError, outcome: "failed" | "lost"): Change {
    const failures = task.failures + 1;
    const cancelAgent = outcome === "lost";
    if (task.cancelRequested) return change({ state: "cancelled", failures, outcome, error: CANCELLED, cancelAgent });
    if (!error.retryable) return change({ state: "failed", failures, outcome, error, deadLetter: true, cancelAgent });
    if (failures >= task.maxAttempts) return change({ state: "dead", failures, outcome, error, deadLetter: true, cancelAgent });
    const retryInMs = backoffMs(failures, { firstMs: task.backoffMs, maxMs: task.maxBackoffMs }, random);
    return change({ state: "pending", failures, outcome, error, retryInMs, cancelAgent });
  }
}
