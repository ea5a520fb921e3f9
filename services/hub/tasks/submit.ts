/** New tasks into the database, many in one statement. */
import type { ClientBase, Pool } from "pg";
import type { TaskPolicy, TaskReceipt, TaskState } from "../../../contract/tasks.ts";

export interface Submission {
  id: string;
  type: string;
  action: string;
  input: unknown;
  urgency: number;
  caller: string;
  idempotencyKey: string | null;
  maxAttempts: number;
  deadline: string | null;
  traceParent: string | null;
  policy: TaskPolicy;
}

export interface Submitted extends TaskReceipt {
  /** False: the caller had submitted it before, under the same idempotency key. */
  created: boolean;
  /** Of a created task. */
  createdAt: Date | null;
}

/** `$1` as rows `s`, for a `with`. */
export const SUBMITTED = `s as (
    select * from json_to_recordset($1) as s (id uuid, type text, action text, input json, urgency smallint, caller text, idempotency_key text,
      max_attempts integer, backoff_ms integer, max_backoff_ms integer, attempt_timeout_ms integer, heartbeat_timeout_ms integer,
      queued_timeout_ms integer, task_timeout_ms integer, deadline timestamptz, trace_parent text)
  )`;

/** @param begins SQL about a row of `s`: whether its first attempt begins as it is stored */
export const insertTasks = (begins: string): string => `
    insert into fabric.tasks (id, type, action, input, state, attempt, dispatched_at, urgency, caller, idempotency_key, max_attempts, backoff_ms,
      max_backoff_ms, attempt_timeout_ms, heartbeat_timeout_ms, queued_timeout_ms, task_timeout_ms, deadline, trace_parent, available_at, expires_at)
    select id, type, action, input, case when ${begins} then 'active' else 'pending' end, case when ${begins} then 1 else 0 end,
      case when ${begins} then now() end, urgency, caller, idempotency_key, max_attempts, backoff_ms,
      max_backoff_ms, attempt_timeout_ms, heartbeat_timeout_ms, queued_timeout_ms, task_timeout_ms,
      coalesce(deadline, now() + task_timeout_ms * interval '1 millisecond'), trace_parent, now(),
      least(deadline, now() + least(queued_timeout_ms, task_timeout_ms) * interval '1 millisecond')
    from s
    on conflict (caller, idempotency_key) where idempotency_key is not null do nothing
    returning id, type, state, created_at, deadline`;

const INSERT = { name: "submit-tasks", text: `with ${SUBMITTED} ${insertTasks("false")}` };

const FIND = `select id, state, caller, idempotency_key from fabric.tasks
  where (caller, idempotency_key) in (select * from unnest($1::text[], $2::text[]))`;

export interface StoredRow {
  id: string;
  state: TaskState;
  created_at: Date;
}

/** Answers in the order of the submissions. */
export async function submitTasks(pool: Pool, submissions: readonly Submission[]): Promise<Submitted[]> {
  const { rows } = await pool.query<StoredRow>({ ...INSERT, values: [toRecords(submissions)] });
  return receipts(pool, submissions, rows);
}

/** Of the submissions in their order, given the rows that were made of them; the others had been submitted before. */
export async function receipts(client: Pool | ClientBase, submissions: readonly Submission[], rows: readonly StoredRow[]): Promise<Submitted[]> {
  const stored = new Map(rows.map((row) => [row.id, row]));
  const repeated = stored.size === submissions.length ? [] : submissions.filter(({ id }) => !stored.has(id));
  const earlier = repeated.length === 0 ? new Map<string, TaskReceipt>() : await findByKey(client, repeated);
  return submissions.map((submission): Submitted => {
    const row = stored.get(submission.id);
    if (row) return { id: row.id, state: row.state, created: true, createdAt: row.created_at };
    const found = earlier.get(keyOf(submission.caller, submission.idempotencyKey));
    if (!found) throw new Error(`task ${submission.id} was neither stored nor found under its idempotency key`);
    return { ...found, created: false, createdAt: null };
  });
}

/** The parameter of {@link SUBMITTED}. */
export const toRecords = (submissions: readonly Submission[]): string => JSON.stringify(submissions.map(toRecord));

const keyOf = (caller: string, key: string | null): string => JSON.stringify([caller, key]);

async function findByKey(client: Pool | ClientBase, submissions: readonly Submission[]): Promise<Map<string, TaskReceipt>> {
  const { rows } = await client.query<{ id: string; state: TaskState; caller: string; idempotency_key: string }>(FIND, [
    submissions.map(({ caller }) => caller),
    submissions.map(({ idempotencyKey }) => idempotencyKey),
  ]);
  return new Map(rows.map(({ id, state, caller, idempotency_key }) => [keyOf(caller, idempotency_key), { id, state }]));
}

function toRecord(submission: Submission): Record<string, unknown> {
  const { id, type, action, input, urgency, caller, deadline, policy } = submission;
  return {
    id, type, action, input, urgency, caller, deadline,
    idempotency_key: submission.idempotencyKey,
    max_attempts: submission.maxAttempts,
    backoff_ms: policy.backoffMs,
    max_backoff_ms: policy.maxBackoffMs,
    attempt_timeout_ms: policy.attemptTimeoutMs,
    heartbeat_timeout_ms: policy.heartbeatTimeoutMs,
    queued_timeout_ms: policy.queuedTimeoutMs,
    task_timeout_ms: deadline === null ? policy.taskTimeoutMs : null,
    trace_parent: submission.traceParent,
  };
}
