/** Watches over one store: prepares it when it appears, and again when it comes back without what we made in it. */
import type { Grant, Store } from "../../contract/access.ts";
import { backoffMs, sleep, type Backoff } from "../kit/backoff.ts";
import { messageOf, Unavailable } from "../kit/errors.ts";
import type { Logger } from "../kit/log.ts";
import type { AccessStore } from "./stores/store.ts";

/** How often a store that works is looked at. */
const CHECK_MS = 15_000;
/** Everybody waits for the stores at a start, so they are asked often; RabbitMQ comes last. */
const UNREADY: Backoff = { firstMs: 100, maxMs: 500 };
/** How long a grant waits for a store that is away, before its sender is told to come again: less than the kit waits for us. */
const WAIT_MS = 7_000;

export class StoreKeeper {
  readonly #store: AccessStore;
  readonly #log: Logger;
  readonly #stopping = new AbortController();
  /** Null until it was looked at. */
  #ready: boolean | null = null;
  /** Resolved when the store is next ready. */
  #turn = Promise.withResolvers<void>();
  #running: Promise<void> = Promise.resolve();

  constructor(store: AccessStore, log: Logger) {
    this.#store = store;
    this.#log = log.child({ store: store.name });
  }

  get name(): Store {
    return this.#store.name;
  }

  get ready(): boolean {
    return this.#ready === true;
  }

  start(): void {
    this.#running = this.#watch().catch(() => undefined);
  }

  /** Looks now, and repairs what it can. @returns what is missing, in words */
  async check(): Promise<string[]> {
    try {
      const missing = await this.#prepared();
      this.#become(missing.length === 0, missing.join(", "));
      return missing;
    } catch (error) {
      this.#become(false, messageOf(error));
      return [`${this.name}: ${messageOf(error)}`];
    }
  }

  /** @throws {Unavailable} when the store stays away */
  async apply(grant: Grant): Promise<void> {
    if (!this.#ready) await Promise.race([this.#turn.promise, sleep(WAIT_MS, this.#stopping.signal)]);
    if (!this.#ready) throw new Unavailable("is not ready");
    await this.#store.apply(grant);
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Unavailable("the access service is stopping"));
    await this.#running;
    await this.#store.close();
  }

  async #watch(): Promise<void> {
    for (let failures = 0; !this.#stopping.signal.aborted;) {
      const missing = await this.check();
      failures = missing.length === 0 ? 0 : failures + 1;
      await sleep(failures === 0 ? CHECK_MS : backoffMs(failures, UNREADY), this.#stopping.signal);
    }
  }

  async #prepared(): Promise<string[]> {
    if ((await this.#store.missing()).length === 0) return [];
    await this.#store.prepare();
    return this.#store.missing();
  }

  /** Said once a change, not once a try. */
  #become(ready: boolean, reason: string): void {
    if (ready === this.#ready) return;
    // Whoever waits now keeps waiting for the same turn.
    if (this.#ready) this.#turn = Promise.withResolvers();
    this.#ready = ready;
    if (ready) {
      this.#log.info("store is ready");
      this.#turn.resolve();
    } else {
      this.#log.warn({ reason }, "store is not ready");
    }
  }
}
