/** The index in PostgreSQL, schema `code_index`. */
import type { Pool, PoolClient } from "pg";
import { sleep } from "../../../kit/backoff.ts";
import { inTransaction } from "../../shared/transaction.ts";
import { PostgresRun, readRecord } from "./postgres-run.ts";
import type { IndexRun, IndexStore, IndexTotals, RepositoryStatus } from "./index-store.ts";

/** First key of our advisory locks: a repository's run holds the second key `hashtext(name)`, every run shares 0. */
const LOCK_SPACE = 0x636f6465;

/** How often a run that waits for another of the same repository looks again. */
const LOCK_POLL_MS = 500;

export class PostgresStore implements IndexStore {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  async run<T>(name: string, signal: AbortSignal, work: (run: IndexRun) => Promise<T>): Promise<T> {
    return this.#locked(name, signal, async (client) => {
      const answer = await work(new PostgresRun(client, await readRecord(client, name)));
      await dropUnreferenced(client);
      return answer;
    });
  }

  async forget(name: string, signal: AbortSignal): Promise<number | null> {
    return this.#locked(name, signal, async (client) => {
      const { rows } = await client.query<{ files: number }>(
        `WITH gone AS (DELETE FROM code_index.repositories WHERE name = $1 RETURNING id)
         SELECT (SELECT count(*)::int FROM code_index.files WHERE repository_id = gone.id) AS files FROM gone`, [name]);
      await dropUnreferenced(client);
      return rows[0]?.files ?? null;
    });
  }

  async status(name: string | null): Promise<RepositoryStatus[]> {
    const { rows } = await this.#pool.query<RepositoryStatus & { indexedAt: Date | null }>(
      `SELECT r.name, r.source, r.requested, r.commit, r.paths, r.tree, r.indexed_at AS "indexedAt", r.last_run AS "lastRun",
              (SELECT count(*)::int FROM code_index.files f WHERE f.repository_id = r.id) AS files,
              (SELECT count(*)::int FROM code_index.files f JOIN code_index.blobs b ON b.id = f.blob_id
                WHERE f.repository_id = r.id AND b.skipped IS NULL) AS "searchableFiles",
              (SELECT count(*)::int FROM code_index.files f JOIN code_index.chunks c USING (blob_id) WHERE f.repository_id = r.id) AS chunks,
              (SELECT count(*)::int FROM code_index.files f JOIN code_index.symbols s USING (blob_id) WHERE f.repository_id = r.id) AS symbols,
              (SELECT coalesce(jsonb_object_agg(language, files), '{}') FROM (
                 SELECT b.language, count(*)::int AS files FROM code_index.files f JOIN code_index.blobs b ON b.id = f.blob_id
                  WHERE f.repository_id = r.id AND b.skipped IS NULL GROUP BY 1) l) AS languages
         FROM code_index.repositories r WHERE $1::text IS NULL OR r.name = $1 ORDER BY r.name`, [name]);
    return rows.map((row) => ({ ...row, indexedAt: row.indexedAt?.toISOString() ?? null }));
  }

  async totals(): Promise<IndexTotals> {
    const { rows } = await this.#pool.query<IndexTotals>(
      `SELECT (SELECT count(*)::int FROM code_index.repositories) AS repositories,
              (SELECT count(*)::int FROM code_index.blobs) AS blobs,
              (SELECT count(*)::int FROM code_index.chunks) AS chunks,
              (SELECT count(*)::int FROM code_index.symbols) AS symbols,
              (SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::float8 FROM pg_class c
                WHERE c.relnamespace = 'code_index'::regnamespace AND c.relkind = 'r') AS bytes`);
    return rows[0]!;
  }

  /**
   * The locks live as long as the connection that does the work: when it breaks, the work fails with it, and no other
   * run can have begun in between.
   */
  async #locked<T>(name: string, signal: AbortSignal, work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    // A connection that breaks between two queries says so here; the next query fails with it. Unheard, it would end the process.
    client.on("error", () => {});
    try {
      while (!(await tryLock(client, name))) await sleep(LOCK_POLL_MS, signal);
      await client.query("SELECT pg_advisory_lock_shared($1, 0)", [LOCK_SPACE]);
      return await work(client);
    } finally {
      // Closing the connection frees both locks, also when an unlock could not be sent.
      client.release(true);
    }
  }
}

async function tryLock(client: PoolClient, name: string): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>(
    // 0 is the key that every run shares.
    "SELECT pg_try_advisory_lock($1, coalesce(nullif(hashtext($2), 0), 1)) AS locked", [LOCK_SPACE, name]);
  return rows[0]!.locked;
}

/** Deletes blobs that no file names, unless another run may be about to name them; then the last one to end does it. */
async function dropUnreferenced(client: PoolClient): Promise<void> {
  await inTransaction(client, async () => {
    const { rows } = await client.query<{ alone: boolean }>("SELECT pg_try_advisory_xact_lock($1, 0) AS alone", [LOCK_SPACE]);
    if (!rows[0]!.alone) return;
    await client.query("DELETE FROM code_index.blobs b WHERE NOT EXISTS (SELECT FROM code_index.files f WHERE f.blob_id = b.id)");
  });
}
