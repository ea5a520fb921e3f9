/** A connection of one's own with session settings, made again after a loss. */
import type { Pool, PoolClient, QueryConfig, QueryResult, QueryResultRow } from "pg";

/**
 * Joins of a small batch with a large table by index, whatever the statistics say: right after a burst they are stale,
 * and a hash join or a scan of the whole table costs half the throughput.
 */
export const BATCH_PLANS = "set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off; set enable_bitmapscan = off; set jit = off";

/** For what a crash may undo without harm: what is lost is done again. */
export const ASYNC_COMMIT = "set synchronous_commit = off";

export class HeldClient {
  readonly #pool: Pool;
  readonly #setup: string;
  #client: Promise<PoolClient> | null = null;

  constructor(pool: Pool, setup: string) {
    this.#pool = pool;
    this.#setup = setup;
  }

  async query<R extends QueryResultRow>(query: QueryConfig): Promise<QueryResult<R>> {
    this.#client ??= this.#open();
    const client = this.#client;
    try {
      return await (await client).query<R>(query);
    } catch (error) {
      // A statement that failed leaves the connection usable; anything else does not.
      if ((error as { severity?: string }).severity !== "ERROR") this.#drop(client);
      throw error;
    }
  }

  close(): void {
    if (this.#client) this.#drop(this.#client);
  }

  async #open(): Promise<PoolClient> {
    const client = await this.#pool.connect();
    const held = this.#client;
    client.on("error", () => held && this.#drop(held));
    await client.query(this.#setup);
    return client;
  }

  #drop(client: Promise<PoolClient>): void {
    if (this.#client !== client) return;
    this.#client = null;
    client.then((opened) => opened.release(true), () => undefined);
  }
}
