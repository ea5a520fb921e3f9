/** A row of fabric.tasks, and the task that the API shows. */
import type { TaskError } from "../../../contract/bus.ts";
import { PRIORITIES, type Task, type TaskState } from "../../../contract/tasks.ts";

export type Priority = (typeof PRIORITIES)[number];

/** Ascending from the most urgent, as indexed. */
export const urgencyOf = (priority: Priority): number => PRIORITIES.length - 1 - PRIORITIES.indexOf(priority);
export const priorityOf = (urgency: number): Priority => PRIORITIES[PRIORITIES.length - 1 - urgency]!;

/** What the API needs of a row; `input` and `result` are read beside it, for they may be large. */
export const TASK_COLUMNS = `t.id, t.type, t.action, t.state, t.urgency, t.caller, t.idempotency_key, t.attempt, t.max_attempts,
  t.progress, t.deadline, t.created_at, t.updated_at, t.finished_at, t.error, t.agent_id, t.dispatched_at, t.started_at`;

/** Attempts that have ended, oldest first. */
export const ATTEMPTS_COLUMN = `(select coalesce(json_agg(json_build_object('attempt', a.attempt, 'agentId', a.agent_id,
  'startedAt', a.started_at, 'finishedAt', a.finished_at, 'outcome', a.outcome, 'error', a.error) order by a.attempt), '[]')
  from fabric.attempts a where a.task_id = t.id) as attempts`;

export interface TaskRow {
  id: string;
  type: string;
  action: string;
  input: unknown;
  state: TaskState;
  urgency: number;
  caller: string;
  idempotency_key: string | null;
  attempt: number;
  max_attempts: number;
  progress: number | null;
  deadline: Date | null;
  created_at: Date;
  updated_at: Date;
  finished_at: Date | null;
  result: unknown;
  error: TaskError | null;
  agent_id: string | null;
  dispatched_at: Date | null;
  started_at: Date | null;
  attempts: Task["attempts"];
}

const iso = (time: Date | null): string | null => time?.toISOString() ?? null;

export function toTask(row: TaskRow): Task {
  const attempts = row.attempts.map((attempt) => ({
    ...attempt,
    startedAt: new Date(attempt.startedAt).toISOString(),
    finishedAt: attempt.finishedAt === null ? null : new Date(attempt.finishedAt).toISOString(),
  }));
  if (row.state === "active") {
    attempts.push({
      attempt: row.attempt,
      agentId: row.agent_id,
      startedAt: (row.started_at ?? row.dispatched_at ?? row.updated_at).toISOString(),
      finishedAt: null,
      outcome: null,
      error: null,
    });
  }
  return {
    id: row.id,
    type: row.type,
    action: row.action,
    input: row.input,
    state: row.state,
    priority: priorityOf(row.urgency),
    caller: row.caller,
    idempotencyKey: row.idempotency_key,
    attempt: row.attempt,
    maxAttempts: row.max_attempts,
    progress: row.progress,
    deadline: iso(row.deadline),
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    finishedAt: iso(row.finished_at),
    ...(row.state === "succeeded" ? { result: row.result } : {}),
    error: row.error,
    attempts,
  };
}
