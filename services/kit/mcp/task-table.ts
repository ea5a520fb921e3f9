/**
 * Long calls of one server as tasks: what runs and what became of it, in the memory of the process that does the work. They end
 * with it. Whoever calls through the gateway has the task of the hub instead, which outlives both.
 */
import { randomUUID } from "node:crypto";
import { ProtocolError, ProtocolErrorCode, type CallToolResult } from "@modelcontextprotocol/server";
import type { DetailedTask, TaskStatus, WireError, WireTask } from "./task-wire.ts";

/** A call that ends within it is answered at once, and no task is made of it. */
const GRACE_MS = 200;
/** From its creation a task can be asked for so long, and in any case {@link KEPT_MS} after its end. */
const TTL_MS = 3_600_000;
const KEPT_MS = 600_000;
const POLL_MS = 500;
/** Running and ended together: results may be large, and none is forgotten before its time. */
const LIMIT = 1_000;

export interface TaskWork {
  /** Fires when the task is cancelled, or the server stops. */
  signal: AbortSignal;
  /** What the task does at the moment, for people. */
  say(message: string): void;
  /** Asks the client; resolves once each request is answered. @param requests by a name of the tool's own */
  ask(requests: Record<string, object>): Promise<Record<string, unknown>>;
}

interface Pending {
  requests: Map<string, object>;
  /** Key on the wire → the tool's own name. */
  names: Map<string, string>;
  answers: Record<string, unknown>;
  resolve(answers: Record<string, unknown>): void;
}

interface Entry {
  id: string;
  owner: string;
  createdAt: number;
  updatedAt: number;
  endedAt: number | null;
  message: string | undefined;
  stop: AbortController;
  pending: Pending | null;
  asked: number;
  ended: { status: "completed"; result: CallToolResult } | { status: "failed"; error: WireError } | { status: "cancelled" } | null;
}

export type Started = CallToolResult | (WireTask & { resultType: "task" });

export class TaskTable {
  readonly #entries = new Map<string, Entry>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /**
   * Does the work; answers its result if that comes soon, else a task that the caller can ask for.
   *
   * @param owner the only caller that finds the task
   * @param request fires when the client goes away, which cancels the work until it has become a task
   * @throws what the work throws, while it has not become a task
   */
  async run(owner: string, request: AbortSignal, work: (task: TaskWork) => Promise<CallToolResult>): Promise<Started> {
    this.#forget();
    if (this.#entries.size >= LIMIT) {
      return { isError: true, content: [{ type: "text", text: `This server keeps ${LIMIT} long calls at most, and has them. Try again in a few minutes.` }] };
    }
    const at = this.#now();
    const entry: Entry = {
      id: randomUUID(), owner, createdAt: at, updatedAt: at, endedAt: null, message: undefined, stop: new AbortController(), pending: null, asked: 0, ended: null,
    };
    const cancel = (): void => entry.stop.abort();
    request.addEventListener("abort", cancel, { once: true });
    if (request.aborted) cancel();
    this.#entries.set(entry.id, entry);
    const doing = work({ signal: entry.stop.signal, say: (message) => this.#touch(entry, message), ask: (requests) => this.#ask(entry, requests) });
    const settled = doing.then((result) => this.#end(entry, result), (error: unknown) => this.#fail(entry, error));
    let timer: NodeJS.Timeout | undefined;
    const soon = await Promise.race([settled.then(() => true), new Promise<false>((resolve) => { timer = setTimeout(resolve, GRACE_MS, false); })]);
    clearTimeout(timer);
    request.removeEventListener("abort", cancel);
    if (!soon && !request.aborted) return { resultType: "task", ...wireOf(entry) };
    this.#entries.delete(entry.id);
    return doing;
  }

  get(owner: string, id: unknown): DetailedTask | null {
    const entry = this.#find(owner, id);
    return entry && detailed(entry);
  }

  /** Answers to what the task asked; of keys that it does not wait for nothing is taken. @returns false when there is no such task */
  update(owner: string, id: unknown, answers: Record<string, unknown>): boolean {
    const entry = this.#find(owner, id);
    if (!entry) return false;
    const { pending } = entry;
    for (const [key, answer] of Object.entries(answers)) {
      const name = pending?.names.get(key);
      if (!pending || name === undefined || !pending.requests.delete(key)) continue;
      pending.answers[name] = answer;
      this.#touch(entry);
    }
    if (pending && pending.requests.size === 0) {
      entry.pending = null;
      pending.resolve(pending.answers);
    }
    return true;
  }

  /** Tells the work to stop; whether and when it does shows in its status. @returns false when there is no such task */
  cancel(owner: string, id: unknown): boolean {
    const entry = this.#find(owner, id);
    entry?.stop.abort();
    return entry !== null;
  }

  /** The server stops: all work is told. */
  close(): void {
    for (const { stop } of this.#entries.values()) stop.abort();
  }

  #find(owner: string, id: unknown): Entry | null {
    const entry = typeof id === "string" ? this.#entries.get(id) : undefined;
    return entry && entry.owner === owner ? entry : null;
  }

  #ask(entry: Entry, requests: Record<string, object>): Promise<Record<string, unknown>> {
    const { signal } = entry.stop;
    return new Promise((resolve, reject) => {
      const stopped = (): void => {
        entry.pending = null;
        reject(new Error("cancelled", { cause: signal.reason }));
      };
      if (signal.aborted) return stopped();
      signal.addEventListener("abort", stopped, { once: true });
      // A key is never used again: an answer that comes late must not pass for one to the next question.
      const round = ++entry.asked;
      const named = Object.entries(requests).map(([name, request]) => [`${round}.${name}`, name, request] as const);
      entry.pending = {
        requests: new Map(named.map(([key, , request]) => [key, request])), names: new Map(named.map(([key, name]) => [key, name])), answers: {},
        resolve: (answers) => {
          signal.removeEventListener("abort", stopped);
          resolve(answers);
        },
      };
      this.#touch(entry);
    });
  }

  #touch(entry: Entry, message: string | undefined = entry.message): void {
    entry.message = message;
    entry.updatedAt = this.#now();
  }

  #end(entry: Entry, result: CallToolResult): void {
    // A result that came in spite of the cancellation is one.
    entry.ended = entry.stop.signal.aborted && result.isError === true ? { status: "cancelled" } : { status: "completed", result };
    this.#over(entry);
  }

  #fail(entry: Entry, error: unknown): void {
    if (entry.stop.signal.aborted) entry.ended = { status: "cancelled" };
    else if (error instanceof ProtocolError) entry.ended = { status: "failed", error: { code: error.code, message: error.message, ...(error.data === undefined ? {} : { data: error.data }) } };
    else entry.ended = { status: "failed", error: { code: ProtocolErrorCode.InternalError, message: "Internal error" } };
    this.#over(entry);
  }

  #over(entry: Entry): void {
    this.#touch(entry);
    entry.pending = null;
    entry.endedAt = entry.updatedAt;
  }

  #forget(): void {
    const now = this.#now();
    for (const [id, { createdAt, endedAt }] of this.#entries) {
      if (endedAt !== null && now > Math.max(createdAt + TTL_MS, endedAt + KEPT_MS)) this.#entries.delete(id);
    }
  }
}

function statusOf({ ended, pending }: Entry): TaskStatus {
  if (ended) return ended.status;
  return pending ? "input_required" : "working";
}

function wireOf(entry: Entry): WireTask {
  return {
    taskId: entry.id, status: statusOf(entry), ...(entry.message === undefined ? {} : { statusMessage: entry.message }),
    createdAt: new Date(entry.createdAt).toISOString(), lastUpdatedAt: new Date(entry.updatedAt).toISOString(), ttlMs: TTL_MS, pollIntervalMs: POLL_MS,
  };
}

function detailed(entry: Entry): DetailedTask {
  const { ended, pending } = entry;
  return {
    ...wireOf(entry),
    ...(ended?.status === "completed" ? { result: ended.result as Record<string, unknown> } : {}),
    ...(ended?.status === "failed" ? { error: ended.error } : {}),
    ...(pending ? { inputRequests: Object.fromEntries(pending.requests) } : {}),
  };
}
