/**
 * One hub dispatches and sweeps; others stand by. Leadership is a session's advisory lock, and all dispatching runs on
 * that very session: when the connection is lost, the lock and the ability to write go together.
 */
import type { Pool, PoolClient } from "pg";
import { sleep } from "../../kit/backoff.ts";
import { messageOf } from "../../kit/errors.ts";
import type { Logger } from "../../kit/log.ts";
import { BATCH_PLANS } from "./held-client.ts";

const RETRY_MS = 1_000;
/** Hubs that stand by tell the one that leads that there is something to do. */
const CHANNEL = "fabric_work";
const LOCK = "select pg_try_advisory_lock(hashtext('fabric.dispatcher')) as mine";

export class Leadership {
  readonly #pool: Pool;
  readonly #log: Logger;
  readonly #closing = new AbortController();
  readonly #onGain: () => void;
  readonly #onWork: () => void;
  #telling: Promise<unknown> | null = null;
  #client: PoolClient | null = null;
  #done: Promise<void> = Promise.resolve();

  /**
   * @param on.gain this hub leads from now on
   * @param on.work this hub leads and another has work for it
   */
  constructor(pool: Pool, log: Logger, on: { gain(): void; work(): void }) {
    this.#pool = pool;
    this.#log = log;
    this.#onGain = on.gain;
    this.#onWork = on.work;
  }

  /** The session that holds the lock; null while another hub leads or the database is away. */
  get client(): PoolClient | null {
    return this.#client;
  }

  /** Tells the hub that leads, unless it is this one. Calls while one is under way join it: the leader looks at everything. */
  tellLeader(): void {
    if (this.#client || this.#telling) return;
    this.#telling = this.#pool.query("select pg_notify($1, '')", [CHANNEL]).catch(() => undefined).finally(() => { this.#telling = null; });
  }

  start(): void {
    this.#done = this.#keep();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#done;
  }

  async #keep(): Promise<void> {
    const { signal } = this.#closing;
    let said = "";
    while (!signal.aborted) {
      try {
        const client = await this.#pool.connect();
        const lost = new Promise<unknown>((resolve) => {
          client.once("error", resolve);
          client.once("end", resolve);
          signal.addEventListener("abort", resolve, { once: true });
        });
        try {
          const { rows } = await client.query<{ mine: boolean }>(LOCK);
          if (rows[0]?.mine) {
            client.on("notification", () => this.#onWork());
            await client.query(`${BATCH_PLANS}; listen ${CHANNEL}`);
            this.#client = client;
            this.#log.info("this hub dispatches");
            said = "";
            this.#onGain();
            await lost;
            if (!signal.aborted) this.#log.warn("the connection that dispatches was lost");
          } else if (said !== "standby") {
            said = "standby";
            this.#log.info("another hub dispatches; standing by");
          }
        } finally {
          this.#client = null;
          client.release(true);
        }
      } catch (error) {
        if (said !== "away") this.#log.warn({ reason: messageOf(error) }, "cannot ask for the dispatcher's lock; trying until it works");
        said = "away";
      }
      await sleep(RETRY_MS, signal).catch(() => undefined);
    }
  }
}
