/** One long call, looked at until its server says how it ended; made again first where its server has lost it. */
import { sleep, untilDone } from "../../../kit/backoff.ts";
import { messageOf } from "../../../kit/errors.ts";
import { ENDED } from "../../../kit/mcp/task-wire.ts";
import { AnswerTooLarge, BackendError } from "../backends/ask.ts";
import { Lost, type BackendTasks } from "./backend-task.ts";
import type { CallLedger, Outcome, StoredCall } from "./call-ledger.ts";
import { failed, interrupted, outcomeOf, rpcFailure } from "./call-outcome.ts";

/** Between two looks at a call: what its server wishes, within these. */
const LOOK = { leastMs: 250, defaultMs: 1_000, mostMs: 5_000 };
const LOOK_TIMEOUT_MS = 10_000;
/** A server that restarts or moves is back by then; one that is not has lost what it did. */
const GONE_MS = 60_000;
export const STORE_RETRY = { firstMs: 200, maxMs: 5_000 };

export interface WatchOptions {
  ledger: Pick<CallLedger, "taken">;
  backend: BackendTasks;
  /** Of the answer to a call that is made again; milliseconds. */
  timeoutMs: number;
  /** For tests; milliseconds. */
  goneMs?: number;
}

export class WatchedCall {
  readonly call: StoredCall;
  readonly #options: WatchOptions;
  readonly #closing: AbortSignal;
  #wake = new AbortController();
  #dropped = false;

  /** @param closing ends every watch: the hub stops */
  constructor(call: StoredCall, options: WatchOptions, closing: AbortSignal) {
    this.call = call;
    this.#options = options;
    this.#closing = closing;
  }

  /** It is no longer this hub's to say what becomes of the call. */
  get gone(): boolean {
    return this.#dropped || this.#closing.aborted;
  }

  /** There is news: look at once. */
  wake(): void {
    this.#wake.abort();
  }

  drop(): void {
    this.#dropped = true;
    this.wake();
  }

  /**
   * @param request for a call that has to be made again
   * @returns null when it is no longer this hub's to say
   */
  async outcome(request: string | null): Promise<Outcome | null> {
    const { call } = this;
    if (call.handle === null) {
      const outcome = await this.#again(request);
      if (outcome || this.gone) return outcome;
    }
    const { backend, goneMs = GONE_MS } = this.#options;
    let silentSince: number | null = null;
    let told = false;
    for (;;) {
      let pauseMs = LOOK.defaultMs;
      try {
        if (call.cancelRequested && !told) {
          await backend.tell(call, "tasks/cancel", {}, this.#within(LOOK_TIMEOUT_MS));
          told = true;
        }
        const task = await backend.get(call, this.#within(LOOK_TIMEOUT_MS));
        if (ENDED.has(task.status)) return outcomeOf(task, call);
        silentSince = null;
        if (Number.isFinite(task.pollIntervalMs)) pauseMs = Math.min(LOOK.mostMs, Math.max(LOOK.leastMs, task.pollIntervalMs));
      } catch (error) {
        if (this.gone) return null;
        if (error instanceof AnswerTooLarge) return failed("result_too_large", `${call.server}: ${error.message}. Ask for less at once.`);
        silentSince ??= Date.now();
        if (error instanceof Lost || Date.now() - silentSince >= goneMs) return interrupted(call, messageOf(error));
      }
      if (this.gone) return null;
      await sleep(pauseMs, this.#wake.signal).catch(() => undefined);
      if (this.gone) return null;
      if (this.#wake.signal.aborted) this.#wake = new AbortController();
    }
  }

  /** A further attempt: the tool is called again. @returns null when the server made a task of it, which `call` has now */
  async #again(request: string | null): Promise<Outcome | null> {
    const { call } = this;
    const { backend, ledger, timeoutMs } = this.#options;
    if (!call.repeatable) return interrupted(call, "it was begun before");
    if (request === null) return failed("unreadable", "The call was sealed under another key and cannot be made again.");
    try {
      const { replica, answer } = await backend.repeat(call, request, this.#within(timeoutMs));
      if (answer["resultType"] === "input_required") return failed("input_required", "The tool asks for input before it begins again. Call it anew.");
      if (answer["resultType"] !== "task") return { kind: "succeeded", result: JSON.stringify(answer) };
      const handle = { replica: replica.host, taskId: String(answer["taskId"]) };
      call.handle = handle;
      await untilDone(() => ledger.taken(call, handle), { signal: this.#closing, backoff: STORE_RETRY });
      return null;
    } catch (error) {
      if (this.#closing.aborted) return null;
      if (error instanceof BackendError) return rpcFailure(error);
      return interrupted(call, messageOf(error));
    }
  }

  #within(ms: number): AbortSignal {
    return AbortSignal.any([this.#closing, AbortSignal.timeout(ms)]);
  }
}
