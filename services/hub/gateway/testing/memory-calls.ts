/** A ledger of long calls for tests and benchmarks without a database; two gateways that share one are two hubs of a stack. */
import type { TaskError } from "../../../../contract/bus.ts";
import { transition, type TaskEvent, type TaskFacts } from "../../tasks/transitions.ts";
import type { CallLedger, ClaimedCall, Handle, KnownCall, NewCall, Outcome, StoredCall } from "../tasks/call-ledger.ts";

interface Row extends Omit<StoredCall, "state" | "attempt" | "cancelRequested" | "handle">, TaskFacts {
  request: string;
  handle: Handle;
  handleOf: number;
  follower: string | null;
  dueAt: number;
  result: string | null;
  error: TaskError | null;
}

export class MemoryCalls implements CallLedger {
  readonly rows = new Map<string, Row>();
  /** Attempts that were begun, by call. */
  readonly attempts: { id: string; outcome: string | null }[] = [];
  /** Between two attempts; milliseconds. */
  backoffMs = 0;
  /** As of a database that cannot be reached. */
  away: Error | null = null;

  async begin(call: NewCall, follower: string): Promise<StoredCall> {
    this.#reach();
    const now = new Date();
    const row: Row = {
      ...call, follower, handleOf: 1, dueAt: 0, result: null, error: null, createdAt: now, updatedAt: now,
      state: "active", attempt: 1, failures: 0, maxAttempts: call.repeatable ? 3 : 1, backoffMs: this.backoffMs, maxBackoffMs: this.backoffMs, cancelRequested: false,
    };
    this.rows.set(call.id, row);
    return toCall(row);
  }

  async find(id: string): Promise<KnownCall | null> {
    this.#reach();
    const row = this.rows.get(id);
    return row ? { ...toCall(row), result: row.result, error: row.error } : null;
  }

  async cancel(id: string): Promise<boolean> {
    this.#reach();
    return this.#apply(id, { kind: "cancel-requested" });
  }

  async claim(follower: string): Promise<ClaimedCall[]> {
    this.#reach();
    const claimed: ClaimedCall[] = [];
    for (const row of this.rows.values()) {
      const due = row.state === "pending" && row.dueAt <= Date.now();
      if (!due && !(row.state === "active" && row.follower === null)) continue;
      if (due) Object.assign(row, { state: "active", attempt: row.attempt + 1 });
      row.follower = follower;
      const call = toCall(row);
      claimed.push({ ...call, request: call.handle ? null : row.request });
    }
    return claimed;
  }

  async beat(follower: string, calls: readonly { id: string; attempt: number }[]): Promise<{ id: string; cancelRequested: boolean }[]> {
    this.#reach();
    return calls.flatMap(({ id, attempt }) => {
      const row = this.rows.get(id);
      return row?.state === "active" && row.attempt === attempt && row.follower === follower ? [{ id, cancelRequested: row.cancelRequested }] : [];
    });
  }

  async taken({ id, attempt }: { id: string; attempt: number }, handle: Handle): Promise<void> {
    this.#reach();
    Object.assign(this.rows.get(id)!, { handle, handleOf: attempt });
  }

  async settle({ id, attempt }: { id: string; attempt: number }, _follower: string, outcome: Outcome): Promise<void> {
    this.#reach();
    const event: TaskEvent = outcome.kind === "failed" ? { kind: "failed", attempt, error: outcome.error } : { kind: outcome.kind, attempt };
    if (this.#apply(id, event) && outcome.kind === "succeeded") this.rows.get(id)!.result = outcome.result;
  }

  async release(follower: string): Promise<void> {
    this.#reach();
    this.forget(follower);
  }

  /** What time does to a hub that is gone. */
  forget(follower?: string): void {
    for (const row of this.rows.values()) if (follower === undefined || row.follower === follower) row.follower = null;
  }

  #reach(): void {
    if (this.away) throw this.away;
  }

  #apply(id: string, event: TaskEvent): boolean {
    const row = this.rows.get(id);
    const change = row && transition(row, event);
    if (!change) return false;
    if (change.outcome !== null) this.attempts.push({ id, outcome: change.outcome });
    const { state, failures, cancelRequested, error, retryInMs } = change;
    Object.assign(row, { state, failures, cancelRequested, updatedAt: new Date(), dueAt: Date.now() + (retryInMs ?? 0), ...(state === "active" ? {} : { error }) });
    return true;
  }
}

function toCall(row: Row): StoredCall {
  const { id, caller, server, tool, name, repeatable, traceparent, state, attempt, handle, handleOf, cancelRequested, createdAt, updatedAt } = row;
  return { id, caller, server, tool, name, repeatable, traceparent, state, attempt, handle: handleOf === attempt ? handle : null, cancelRequested, createdAt, updatedAt };
}
