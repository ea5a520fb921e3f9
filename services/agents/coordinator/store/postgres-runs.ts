/** Schema `workflows`. */
import type { Pool, PoolClient } from "pg";
import type { RunState } from "../../../../contract/workflow.ts";
import { messageOf, Unavailable } from "../../../kit/errors.ts";
import { inTransaction } from "../../shared/transaction.ts";
import { progressOf, rowOf, type DatabaseRow } from "./rows.ts";
import { Superseded, type Outcome, type RunChange, type RunStore, type StoredRun, type UnitRow } from "./run-store.ts";

type RunRow = Omit<StoredRun, "progress" | "startedAt"> & { startedAt: Date; attempt: number };

const RUN = `state, outcome, settled_by AS "settledBy", reason, epoch, started_at AS "startedAt", attempt`;
const UNITS = `SELECT step, item, state, task_id AS "taskId", round, replay, reason, result, error, attempts,
    started_at AS "startedAt", finished_at AS "finishedAt", compensation
  FROM workflows.units WHERE run_id = $1 ORDER BY step, item`;

/** One statement, so that whoever was overtaken writes nothing at all. */
const SAVE = `WITH run AS (
    UPDATE workflows.runs SET updated_at = now() WHERE id = $1 AND epoch = $2 RETURNING id
  ), written AS (
    INSERT INTO workflows.units (run_id, step, item, state, task_id, round, replay, reason, result, error, attempts, started_at, finished_at, compensation)
    SELECT run.id, u.* FROM run, json_to_recordset($3) AS u (step text, item integer, state text, task_id uuid, round integer, replay boolean,
      reason text, result json, error json, attempts integer, started_at text, finished_at text, compensation json)
    ON CONFLICT (run_id, step, item) DO UPDATE SET state = excluded.state, task_id = excluded.task_id, round = excluded.round,
      replay = excluded.replay, reason = excluded.reason, result = excluded.result, error = excluded.error, attempts = excluded.attempts,
      started_at = excluded.started_at, finished_at = excluded.finished_at, compensation = excluded.compensation
  )
  SELECT id FROM run`;

export class PostgresRuns implements RunStore {
  readonly #pool: Pick<Pool, "connect" | "query">;

  constructor(pool: Pick<Pool, "connect" | "query">) {
    this.#pool = pool;
  }

  open({ id, name, attempt }: { id: string; name: string | null; attempt: number }): Promise<StoredRun> {
    return this.#transaction(async (client) => {
      await client.query("INSERT INTO workflows.runs (id, name, state, attempt) VALUES ($1, $2, 'running', $3) ON CONFLICT DO NOTHING", [id, name, attempt]);
      const run = (await this.#lock(client, id))!;
      if (run.attempt > attempt) throw new Superseded(`Attempt ${run.attempt} has the run; this is ${attempt}.`);
      if (!(run.state === "settling" && run.settledBy === "settle")) {
        await client.query("UPDATE workflows.runs SET epoch = epoch + 1, attempt = $2 WHERE id = $1", [id, attempt]);
        run.epoch++;
      }
      return this.#stored(client, id, run);
    });
  }

  settle(id: string, attempt: number, outcome: Outcome, reason: string): Promise<StoredRun | null> {
    return this.#transaction(async (client) => {
      const run = await this.#lock(client, id);
      if (!run || run.attempt > attempt || (run.state !== "running" && run.state !== "settling")) return null;
      const { rows } = await client.query<RunRow>(
        `UPDATE workflows.runs SET state = 'settling', settled_by = 'settle', epoch = epoch + 1, outcome = coalesce(outcome, $2), reason = coalesce(reason, $3),
           updated_at = now() WHERE id = $1 RETURNING ${RUN}`, [id, outcome, reason]);
      return this.#stored(client, id, rows[0]!);
    });
  }

  async save(id: string, epoch: number, units: readonly UnitRow[], change?: RunChange): Promise<void> {
    const rows = JSON.stringify(units.map(rowOf));
    if (!change) return this.#saved(await this.#query<{ id: string }>(SAVE, [id, epoch, rows]));
    await this.#transaction(async (client) => {
      const { state, outcome = null, settledBy = null, reason = null, replaceUnits = false } = change;
      const final = state !== "running" && state !== "settling";
      this.#saved((await client.query<{ id: string }>(
        `UPDATE workflows.runs SET state = $3, outcome = $4, settled_by = $5, reason = $6, finished_at = CASE WHEN $7 THEN now() END
         WHERE id = $1 AND epoch = $2 RETURNING id`, [id, epoch, state, outcome, settledBy, reason, final])).rows);
      if (replaceUnits) await client.query("DELETE FROM workflows.units WHERE run_id = $1", [id]);
      await client.query(SAVE, [id, epoch, rows]);
    });
  }

  async state(id: string): Promise<RunState | null> {
    return (await this.#query<{ state: RunState }>("SELECT state FROM workflows.runs WHERE id = $1", [id]))[0]?.state ?? null;
  }

  async unfinished(limit: number): Promise<string[]> {
    const rows = await this.#query<{ id: string }>("SELECT id FROM workflows.runs WHERE state IN ('running', 'settling') ORDER BY updated_at LIMIT $1", [limit]);
    return rows.map(({ id }) => id);
  }

  async forget(days: number): Promise<number> {
    return (await this.#query("DELETE FROM workflows.runs WHERE finished_at < now() - $1 * interval '1 day' RETURNING id", [days])).length;
  }

  #saved(rows: readonly unknown[]): void {
    if (rows.length === 0) throw new Superseded("Somebody else has taken the run over.");
  }

  async #lock(client: PoolClient, id: string): Promise<RunRow | undefined> {
    return (await client.query<RunRow>(`SELECT ${RUN} FROM workflows.runs WHERE id = $1 FOR UPDATE`, [id])).rows[0];
  }

  async #stored(client: PoolClient, id: string, { attempt: _, startedAt, ...run }: RunRow): Promise<StoredRun> {
    const { rows } = await client.query<DatabaseRow>(UNITS, [id]);
    return { ...run, startedAt: startedAt.toISOString(), progress: progressOf(rows) };
  }

  async #query<Row extends object>(text: string, values: unknown[]): Promise<Row[]> {
    return (await this.#pool.query<Row>(text, values).catch(rethrown)).rows;
  }

  async #transaction<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect().catch(rethrown);
    let broken = false;
    try {
      return await inTransaction(client, () => work(client));
    } catch (error) {
      broken = isAway(error);
      return rethrown(error);
    } finally {
      client.release(broken);
    }
  }
}

/** 08: connection lost; 28: login refused until access has made it; 53: no connection free; 57P: starting or stopping. */
function isAway(error: unknown): boolean {
  if (error instanceof Superseded) return false;
  const code = String((error as { code?: unknown }).code ?? "");
  return !/^[0-9A-Z]{5}$/.test(code) || /^(08|28|53|57P|EPIPE)/.test(code);
}

function rethrown(error: unknown): never {
  if (isAway(error)) throw new Unavailable(`PostgreSQL does not answer: ${messageOf(error)}`, { cause: error });
  throw error;
}
