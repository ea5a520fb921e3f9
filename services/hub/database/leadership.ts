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
/**
 * A hub that is paused, or cut off without its connection being closed, says nothing for so long: then the server ends
 * the session, and with it the leadership. Otherwise TCP would keep it for hours.
 */
const SILENCE_MS = 5_000;
const SIGN_OF_LIFE_MS = 1_500;
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
    let away = false;
    while (!signal.aborted) {
      try {
        const client = await this.#pool.connect();
        away = false;
        const lost = new Promise<"lost">((resolve) => {
          for (const event of ["error", "end"]) client.once(event, () => resolve("lost"));
          signal.addEventListener("abort", () => resolve("lost"), { once: true });
        });
        try {
          if (await this.#obtain(client, lost)) await this.#lead(client, lost);
        } finally {
          this.#client = null;
          client.release(true);
        }
      } catch (error) {
        if (!away) this.#log.warn({ reason: messageOf(error) }, "cannot ask for the dispatcher's lock; trying until it works");
        away = true;
      }
      await sleep(RETRY_MS, signal).catch(() => undefined);
    }
  }

  /** Asks again and again: waiting inside the server would keep it from cleaning up its tables. False once the connection is lost. */
  async #obtain(client: PoolClient, lost: Promise<"lost">): Promise<boolean> {
    for (let tries = 1; ; tries++) {
      const { rows } = await client.query<{ mine: boolean }>(LOCK);
      if (rows[0]!.mine) return true;
      if (tries === 1) this.#log.info("another hub dispatches; standing by");
      if ((await Promise.race([lost, sleep(RETRY_MS)])) === "lost") return false;
    }
  }

  /** Until the connection is lost. */
  async #lead(client: PoolClient, lost: Promise<"lost">): Promise<void> {
    client.on("notification", () => this.#onWork());
    await client.query(`${BATCH_PLANS}; set idle_session_timeout = ${SILENCE_MS}; listen ${CHANNEL}`);
    const signsOfLife = setInterval(() => void client.query("").catch(() => undefined), SIGN_OF_LIFE_MS);
    this.#client = client;
    this.#log.info("this hub dispatches");
    this.#onGain();
    await lost;
    clearInterval(signsOfLife);
    if (!this.#closing.signal.aborted) this.#log.warn("the connection that dispatches was lost");
  }
}
