/** What the admin agent reads of the hub's schema, by grant and without the right to change it. */
import type { Pool } from "pg";
import type { TaskState } from "../../../../contract/tasks.ts";

/** Tasks that were given up: attempts used up (`dead`), or failed in a way that no repetition cures (`failed`). */
export interface DeadLetterFilter {
  type?: string;
  errorCode?: string;
  /** RFC 3339: given up before. */
  olderThan?: string;
}

export interface DeadTask {
  id: string;
  type: string;
  action: string;
  state: "dead" | "failed";
  attempts: number;
  errorCode: string | null;
  /** RFC 3339. */
  finishedAt: string;
}

export interface DeadGroup {
  type: string;
  action: string;
  state: "dead" | "failed";
  errorCode: string | null;
  tasks: number;
  oldest: string;
  newest: string;
  /** Of the newest. */
  message: string | null;
  taskId: string;
}

export interface TypeStats {
  type: string;
  states: Partial<Record<TaskState, number>>;
  /** Milliseconds from an attempt's start to the task's end, of succeeded tasks; null where there is none. */
  runP50Ms: number | null;
  runP95Ms: number | null;
  /** Milliseconds from submission to the start of the last attempt. */
  waitP50Ms: number | null;
  waitP95Ms: number | null;
  /** Attempts beyond each task's first. */
  retries: number;
}

export interface FailureStats {
  type: string;
  code: string;
  tasks: number;
}

export interface FabricReader {
  /** Oldest first. */
  deadTasks(filter: DeadLetterFilter, limit: number): Promise<DeadTask[]>;
  countDead(filter: DeadLetterFilter): Promise<number>;
  /** Largest group first. */
  deadGroups(filter: DeadLetterFilter, limit: number): Promise<DeadGroup[]>;
  /** Tasks submitted in the interval, by type. */
  typeStats(from: Date, to: Date): Promise<TypeStats[]>;
  /** Errors of those of them that did not succeed, most frequent first. */
  failures(from: Date, to: Date): Promise<FailureStats[]>;
}

const DEAD = `t.state in ('dead', 'failed') and ($1::text is null or t.type = $1)
  and ($2::text is null or t.error ->> 'code' = $2) and ($3::timestamptz is null or t.finished_at < $3)`;

const iso = (date: Date): string => date.toISOString();
const parameters = ({ type, errorCode, olderThan }: DeadLetterFilter) => [type ?? null, errorCode ?? null, olderThan ?? null];

export class PostgresFabric implements FabricReader {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  async deadTasks(filter: DeadLetterFilter, limit: number): Promise<DeadTask[]> {
    const { rows } = await this.#pool.query<Omit<DeadTask, "finishedAt"> & { finishedAt: Date }>(
      `select t.id, t.type, t.action, t.state, t.attempt as attempts, t.error ->> 'code' as "errorCode", t.finished_at as "finishedAt"
         from fabric.tasks t where ${DEAD} order by t.finished_at, t.id limit $4`, [...parameters(filter), limit]);
    return rows.map((row) => ({ ...row, finishedAt: iso(row.finishedAt) }));
  }

  async countDead(filter: DeadLetterFilter): Promise<number> {
    const { rows } = await this.#pool.query<{ n: number }>(`select count(*)::int as n from fabric.tasks t where ${DEAD}`, parameters(filter));
    return rows[0]!.n;
  }

  async deadGroups(filter: DeadLetterFilter, limit: number): Promise<DeadGroup[]> {
    const { rows } = await this.#pool.query<Omit<DeadGroup, "oldest" | "newest"> & { oldest: Date; newest: Date }>(
      `select t.type, t.action, t.state, t.error ->> 'code' as "errorCode", count(*)::int as tasks,
              min(t.finished_at) as oldest, max(t.finished_at) as newest,
              (array_agg(t.error ->> 'message' order by t.finished_at desc))[1] as message,
              (array_agg(t.id order by t.finished_at desc))[1] as "taskId"
         from fabric.tasks t where ${DEAD} group by 1, 2, 3, 4 order by tasks desc, newest desc limit $4`, [...parameters(filter), limit]);
    return rows.map((row) => ({ ...row, oldest: iso(row.oldest), newest: iso(row.newest) }));
  }

  async typeStats(from: Date, to: Date): Promise<TypeStats[]> {
    const { rows } = await this.#pool.query<TypeStats>(
      `with t as (
         select type, state, attempt, extract(epoch from started_at - created_at)::float8 * 1000 as wait_ms,
                case when state = 'succeeded' then extract(epoch from finished_at - started_at)::float8 * 1000 end as run_ms
           from fabric.tasks where created_at >= $1 and created_at < $2
       ), states as (
         select type, jsonb_object_agg(state, n) as states from (select type, state, count(*)::int as n from t group by 1, 2) s group by 1
       )
       select type, states.states,
              percentile_cont(0.5) within group (order by run_ms) as "runP50Ms", percentile_cont(0.95) within group (order by run_ms) as "runP95Ms",
              percentile_cont(0.5) within group (order by wait_ms) as "waitP50Ms", percentile_cont(0.95) within group (order by wait_ms) as "waitP95Ms",
              sum(greatest(attempt - 1, 0))::int as retries
         from t join states using (type) group by type, states.states order by type`, [from, to]);
    return rows;
  }

  async failures(from: Date, to: Date): Promise<FailureStats[]> {
    const { rows } = await this.#pool.query<FailureStats>(
      `select type, coalesce(error ->> 'code', 'unknown') as code, count(*)::int as tasks from fabric.tasks
        where created_at >= $1 and created_at < $2 and state in ('failed', 'dead', 'cancelled') group by 1, 2 order by tasks desc, type, code`, [from, to]);
    return rows;
  }
}
