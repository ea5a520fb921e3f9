/** Deletes tasks that ended long ago, with everything that belongs to them. */
import type { Pool } from "pg";
import { FINAL_STATES, type RetentionAnswer, type RetentionRequest, type TaskState } from "../../../contract/tasks.ts";

const DAY_MS = 86_400_000;
/** Tasks of one transaction: locks stay short, and a request that is broken off has done whole batches. */
const BATCH = 1_000;

// What the outbox still has to say is not deleted before it is said.
const DUE = `state = any ($1::text[]) and finished_at < $2 and not exists (select from fabric.outbox o where o.task_id = tasks.id)`;

const COUNT = `select state, count(*)::int as n from fabric.tasks where ${DUE} group by state`;

const DELETE = `with gone as (
    delete from fabric.tasks where id in (select id from fabric.tasks where ${DUE} limit ${BATCH} for update skip locked) returning id, state
  ), effects as (
    delete from fabric.effects where task_id in (select id from gone)
  ), claims as (
    delete from fabric.effect_claims where task_id in (select id from gone)
  ), events as (
    delete from fabric.events where task_id in (select id from gone)
  ) select state, count(*)::int as n from gone group by state`;

type StateCounts = Partial<Record<TaskState, number>>;

/** Repeating it is harmless. Cached results need no care: they expire within a day, which is the least that can be asked. */
export async function applyRetention(pool: Pool, { finishedOlderThanDays, dryRun }: RetentionRequest, nowMs: number = Date.now()): Promise<RetentionAnswer> {
  const before = new Date(nowMs - finishedOlderThanDays * DAY_MS);
  const byState: StateCounts = {};
  for (let found = -1; found !== 0 && !(dryRun && found > 0); ) {
    const { rows } = await pool.query<{ state: TaskState; n: number }>(dryRun ? COUNT : DELETE, [FINAL_STATES, before]);
    for (const { state, n } of rows) byState[state] = (byState[state] ?? 0) + n;
    found = rows.reduce((sum, { n }) => sum + n, 0);
  }
  return { dryRun, finishedBefore: before.toISOString(), tasks: Object.values(byState).reduce((sum, n) => sum + n, 0), byState };
}
