/**
 * Follows long calls until their results are in the ledger: those that this hub began, and those of hubs that fell silent. Every hub
 * does. Two that follow the same call for a moment do no harm: they only look, and its attempt settles once.
 */
import { randomUUID } from "node:crypto";
import { sleep, untilDone } from "../../../kit/backoff.ts";
import { messageOf } from "../../../kit/errors.ts";
import type { Logger } from "../../../kit/log.ts";
import { ENDED, type DetailedTask } from "../../../kit/mcp/task-wire.ts";
import { AnswerTooLarge, BackendError } from "../backends/ask.ts";
import { Lost, type BackendTasks } from "./backend-task.ts";
import type { CallLedger, ClaimedCall, Outcome, StoredCall } from "./call-ledger.ts";

const BEAT_MS = 2_000;
/** Between two looks for calls that nobody follows. */
const CLAIM_MS = 3_000;
/** Between two looks at a call: what its server wishes, within these. */
const LOOK = { leastMs: 250, defaultMs: 1_000, mostMs: 5_000 };
const LOOK_TIMEOUT_MS = 10_000;
/** A server that restarts or moves is back by then; one that is not has lost what it did. */
const GONE_MS = 60_000;
const STORE_RETRY = { firstMs: 200, maxMs: 5_000 };

export interface FollowerOptions {
  ledger: CallLedger;
  backend: BackendTasks;
  /** Of the answer to a call that is made again; milliseconds. */
  timeoutMs: number;
  log: Logger;
  /** For tests; milliseconds. */
  goneMs?: number;
}

interface Followed {
  call: StoredCall;
  wake: AbortController;
}

export class Follower {
  /** Which hub's, in the ledger. */
  readonly id = `hub-${randomUUID().slice(0, 8)}`;
  readonly #options: FollowerOptions;
  readonly #followed = new Map<string, Followed>();
  readonly #closing = new AbortController();
  readonly #rounds: Promise<void>[];

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.#rounds = [this.#every(CLAIM_MS, () => this.#claim()), this.#every(BEAT_MS, () => this.#beat())];
  }

  /** Calls under way. */
  get size(): number {
    return this.#followed.size;
  }

  /** A call that was begun here. */
  follow(call: StoredCall): void {
    this.#start({ ...call, request: null });
  }

  /** There is news of a call: look at once. */
  wake(id: string, news: { cancelRequested?: boolean } = {}): void {
    const followed = this.#followed.get(id);
    if (!followed) return;
    followed.call.cancelRequested ||= news.cancelRequested ?? false;
    followed.wake.abort();
  }

  /** What it follows is another hub's at once, or its own after the restart. */
  async close(): Promise<void> {
    this.#closing.abort();
    for (const { wake } of this.#followed.values()) wake.abort();
    await Promise.all(this.#rounds);
    if (this.#followed.size > 0) await this.#options.ledger.release(this.id).catch((error: unknown) => this.#options.log.debug({ reason: messageOf(error) }, "calls could not be handed over; they are after a few seconds"));
  }

  async #every(ms: number, round: () => Promise<void>): Promise<void> {
    // Of each round by itself: one may have nothing to ask, and finds nothing wrong then.
    let failing = false;
    while (!this.#closing.signal.aborted) {
      try {
        await round();
        if (failing) this.#options.log.debug("the ledger of long calls answers again");
        failing = false;
      } catch (error) {
        if (!failing) this.#options.log.debug({ reason: messageOf(error) }, "the ledger of long calls does not answer; trying until it does");
        failing = true;
      }
      await sleep(ms, this.#closing.signal).catch(() => undefined);
    }
  }

  async #claim(): Promise<void> {
    const { ledger, log } = this.#options;
    for (const call of await ledger.claim(this.id)) {
      log.info({ call: call.id, tool: call.name, attempt: call.attempt, again: call.handle === null }, "following a long call");
      this.#start(call);
    }
  }

  async #beat(): Promise<void> {
    if (this.#followed.size === 0) return;
    const calls = [...this.#followed.values()].map(({ call: { id, attempt } }) => ({ id, attempt }));
    const alive = new Map((await this.#options.ledger.beat(this.id, calls)).map((known) => [known.id, known]));
    for (const { id, attempt } of calls) {
      const followed = this.#followed.get(id);
      if (followed?.call.attempt !== attempt) continue;
      const known = alive.get(id);
      // Another hub's by now, or over: cancelled by force, or past its deadline.
      if (!known) this.#drop(id);
      else if (known.cancelRequested && !followed.call.cancelRequested) this.wake(id, known);
    }
  }

  #drop(id: string): void {
    this.#followed.get(id)?.wake.abort();
    this.#followed.delete(id);
  }

  #start(call: ClaimedCall): void {
    if (this.#closing.signal.aborted) return;
    this.#drop(call.id);
    const followed: Followed = { call, wake: new AbortController() };
    this.#followed.set(call.id, followed);
    void this.#see(followed, call.request)
      .then((outcome) => outcome && this.#settle(followed, outcome))
      .catch((error: unknown) => this.#options.log.error({ err: error, call: call.id }, "a long call could not be followed"))
      .finally(() => { if (this.#followed.get(call.id) === followed) this.#followed.delete(call.id); });
  }

  #gone(followed: Followed): boolean {
    return this.#closing.signal.aborted || this.#followed.get(followed.call.id) !== followed;
  }

  /** @returns null when it is no longer this hub's to say */
  async #see(followed: Followed, request: string | null): Promise<Outcome | null> {
    const { call } = followed;
    if (call.handle === null) {
      const outcome = await this.#again(call, request);
      if (outcome || this.#gone(followed)) return outcome;
    }
    const { backend, goneMs = GONE_MS } = this.#options;
    let silentSince: number | null = null;
    let told = false;
    for (;;) {
      let pauseMs = LOOK.defaultMs;
      try {
        if (call.cancelRequested && !told) {
          await backend.tell(call, "tasks/cancel", {}, this.#limit());
          told = true;
        }
        const task = await backend.get(call, this.#limit());
        if (ENDED.has(task.status)) return outcomeOf(task, call);
        silentSince = null;
        if (Number.isFinite(task.pollIntervalMs)) pauseMs = Math.min(LOOK.mostMs, Math.max(LOOK.leastMs, task.pollIntervalMs));
      } catch (error) {
        if (this.#gone(followed)) return null;
        if (error instanceof AnswerTooLarge) return { kind: "failed", error: { code: "result_too_large", message: `${call.server}: ${error.message}. Ask for less at once.`, retryable: false } };
        silentSince ??= Date.now();
        if (error instanceof Lost || Date.now() - silentSince >= goneMs) return interrupted(call, messageOf(error));
      }
      if (this.#gone(followed)) return null;
      await sleep(pauseMs, followed.wake.signal).catch(() => undefined);
      if (this.#gone(followed)) return null;
      if (followed.wake.signal.aborted) followed.wake = new AbortController();
    }
  }

  /** A further attempt: the tool is called again. @returns null when the server made a task of it, which `call` has now */
  async #again(call: StoredCall, request: string | null): Promise<Outcome | null> {
    const { backend, ledger, timeoutMs } = this.#options;
    if (!call.repeatable) return interrupted(call, "it was begun before");
    if (request === null) return { kind: "failed", error: { code: "unreadable", message: "The call was sealed under another key and cannot be made again.", retryable: false } };
    try {
      const { replica, answer } = await backend.repeat(call, request, AbortSignal.any([this.#closing.signal, AbortSignal.timeout(timeoutMs)]));
      if (answer["resultType"] === "input_required") return { kind: "failed", error: { code: "input_required", message: "The tool asks for input before it begins again. Call it anew.", retryable: false } };
      if (answer["resultType"] !== "task") return { kind: "succeeded", result: JSON.stringify(answer) };
      const handle = { replica: replica.host, taskId: String(answer["taskId"]) };
      call.handle = handle;
      await untilDone(() => ledger.taken(call, handle), { signal: this.#closing.signal, backoff: STORE_RETRY });
      return null;
    } catch (error) {
      if (this.#closing.signal.aborted) return null;
      if (error instanceof BackendError) return rpcFailure(error);
      return interrupted(call, messageOf(error));
    }
  }

  /** Until the ledger has it: the database may be away for a while. */
  async #settle(followed: Followed, outcome: Outcome): Promise<void> {
    const { ledger, log } = this.#options;
    await untilDone(async () => {
      if (!this.#gone(followed)) await ledger.settle(followed.call, this.id, outcome);
    }, {
      signal: this.#closing.signal, backoff: STORE_RETRY,
      onFailure: (error, failures) => { if (failures === 1) log.warn({ call: followed.call.id, reason: messageOf(error) }, "the end of a long call cannot be stored yet; trying until it is"); },
    }).catch(() => undefined); // only close() ends it
  }

  #limit(): AbortSignal {
    return AbortSignal.any([this.#closing.signal, AbortSignal.timeout(LOOK_TIMEOUT_MS)]);
  }
}

/** What a task of a server that has ended comes to. Pure. */
export function outcomeOf(task: DetailedTask, call: Pick<StoredCall, "repeatable" | "cancelRequested" | "server">): Outcome {
  if (task.status === "completed") return { kind: "succeeded", result: JSON.stringify(task.result ?? {}) };
  if (task.status === "failed") return rpcFailure(task.error ?? { code: -32_603, message: `${call.server} does not say why` });
  return call.cancelRequested ? { kind: "cancelled" } : interrupted(call, `${call.server} gave it up, as it does when it stops`);
}

/** Code of a task whose call was answered by a JSON-RPC error; the number behind it is that error's. */
const RPC_CODE = /^rpc(-?\d+)$/;

const rpcFailure = ({ code, message }: { code: number; message: string }): Outcome => ({ kind: "failed", error: { code: `rpc${Math.trunc(code)}`, message: String(message).slice(0, 2_000), retryable: false } });

/** @returns null for a task that failed in another way */
export function rpcCodeOf(code: string): number | null {
  const found = RPC_CODE.exec(code)?.[1];
  return found === undefined ? null : Number(found);
}

function interrupted({ repeatable }: Pick<StoredCall, "repeatable">, why: string): Outcome {
  const next = repeatable ? "It is made again." : "It may have been carried out, in part or wholly, and is not made again: its tool does not say that twice is the same as once. Look before you repeat it.";
  return { kind: "failed", error: { code: "interrupted", message: `The call broke off: ${why}. ${next}`, retryable: repeatable } };
}
