/** Successful results into the database: the common case, in one statement. */
import type { Pool } from "pg";
import type { ResultMessage } from "../../../contract/bus.ts";
import type { Task } from "../../../contract/tasks.ts";
import { TASK_COLUMNS, toTask, type TaskRow } from "./task-row.ts";

/**
 * The condition is the row "active, current attempt, succeeded" of {@link transition}; everything else it says about
 * a success is that nothing follows.
 */
const COMPLETE = {
  name: "complete-tasks",
  text: `with r as (
      select * from json_to_recordset($1) as r (id uuid, attempt integer, agent_id text, result json)
    ), done as (
      update fabric.tasks t set state = 'succeeded', result = r.result, error = null, agent_id = r.agent_id,
        finished_at = now(), updated_at = now()
      from r where t.id = r.id and t.attempt = r.attempt and t.state = 'active'
      returning ${TASK_COLUMNS}, t.input
    ), ended as (
      insert into fabric.attempts (task_id, attempt, agent_id, started_at, finished_at, outcome)
      select id, attempt, agent_id, coalesce(started_at, dispatched_at), finished_at, 'succeeded' from done
    )
    select * from done`,
};

export interface Completed {
  task: Task;
  urgency: number;
  createdAt: Date;
  dispatchedAt: Date;
  /** False when earlier attempts are missing from `task`. */
  whole: boolean;
}

const keyOf = (taskId: string, attempt: number): string => `${taskId}/${attempt}`;

/** The tasks that the results ended; a result of an attempt that is not the current one ends nothing. */
export async function completeTasks(pool: Pool, results: readonly ResultMessage[]): Promise<Completed[]> {
  // One batch may hold an attempt's result twice, and results of several attempts: the first counts, and of the current one.
  const first = new Map<string, ResultMessage>();
  for (const result of results) if (!first.has(keyOf(result.taskId, result.attempt))) first.set(keyOf(result.taskId, result.attempt), result);
  const records = [...first.values()].map(({ taskId, attempt, agentId, result }) => ({ id: taskId, attempt, agent_id: agentId, result: result ?? null }));
  const { rows } = await pool.query<Omit<TaskRow, "result" | "attempts">>({ ...COMPLETE, values: [JSON.stringify(records)] });
  return rows.map((row): Completed => {
    const startedAt = (row.started_at ?? row.dispatched_at)!;
    const attempt = { attempt: row.attempt, agentId: row.agent_id, startedAt: startedAt.toISOString(), finishedAt: row.finished_at!.toISOString(), outcome: "succeeded", error: null };
    const task = toTask({ ...row, result: first.get(keyOf(row.id, row.attempt))?.result ?? null, attempts: [attempt] });
    return { task, urgency: row.urgency, createdAt: row.created_at, dispatchedAt: row.dispatched_at!, whole: row.attempt === 1 };
  });
}
