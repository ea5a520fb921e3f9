/**
 * Follows long calls until their results are in the ledger: those that this hub began, and those of hubs that fell silent. Every hub
 * does. Two that follow the same call for a moment do no harm: they only look, and its attempt settles once.
 */
import { randomUUID } from "node:crypto";
import { sleep, untilDone } from "../../../kit/backoff.ts";
import { messageOf } from "../../../kit/errors.ts";
import type { Logger } from "../../../kit/log.ts";
import type { CallLedger, ClaimedCall, Outcome, StoredCall } from "./call-ledger.ts";
import { STORE_RETRY, WatchedCall, type WatchOptions } from "./watched-call.ts";

const BEAT_MS = 2_000;
/** Between two looks for calls that nobody follows. */
const CLAIM_MS = 3_000;

export interface FollowerOptions extends WatchOptions {
  ledger: CallLedger;
  log: Logger;
}

export class Follower {
  /** Which hub's, in the ledger. */
  readonly id = `hub-${randomUUID().slice(0, 8)}`;
  readonly #options: FollowerOptions;
  readonly #followed = new Map<string, WatchedCall>();
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

  /** Calls of one caller under way here. */
  of(caller: string): number {
    let calls = 0;
    for (const { call } of this.#followed.values()) if (call.caller.sub === caller) calls++;
    return calls;
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
    followed.wake();
  }

  /** What it follows is another hub's at once, or its own after the restart. */
  async close(): Promise<void> {
    this.#closing.abort();
    for (const followed of this.#followed.values()) followed.wake();
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
    this.#followed.get(id)?.drop();
    this.#followed.delete(id);
  }

  #start(call: ClaimedCall): void {
    if (this.#closing.signal.aborted) return;
    this.#drop(call.id);
    const followed = new WatchedCall(call, this.#options, this.#closing.signal);
    this.#followed.set(call.id, followed);
    void followed.outcome(call.request)
      .then((outcome) => outcome && this.#settle(followed, outcome))
      .catch((error: unknown) => this.#options.log.error({ err: error, call: call.id }, "a long call could not be followed"))
      .finally(() => { if (this.#followed.get(call.id) === followed) this.#followed.delete(call.id); });
  }

  /** Until the ledger has it: the database may be away for a while. */
  async #settle(followed: WatchedCall, outcome: Outcome): Promise<void> {
    const { ledger, log } = this.#options;
    await untilDone(async () => {
      if (!followed.gone) await ledger.settle(followed.call, this.id, outcome);
    }, {
      signal: this.#closing.signal, backoff: STORE_RETRY,
      onFailure: (error, failures) => { if (failures === 1) log.warn({ call: followed.call.id, reason: messageOf(error) }, "the end of a long call cannot be stored yet; trying until it is"); },
    }).catch(() => undefined); // only close() ends it
  }
}
