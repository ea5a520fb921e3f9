/** New tasks into the database, many in one statement. */
import type { Pool } from "pg";
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

const INSERT = {
  name: "submit-tasks",
  text: `insert into fabric.tasks (id, type, action, input, state, urgency, caller, idempotency_key, max_attempts, backoff_ms,
      max_backoff_ms, attempt_timeout_ms, heartbeat_timeout_ms, queued_timeout_ms, task_timeout_ms, deadline, trace_parent, available_at, expires_at)
    select id, type, action, input, 'pending', urgency, caller, idempotency_key, max_attempts, backoff_ms,
      max_backoff_ms, attempt_timeout_ms, heartbeat_timeout_ms, queued_timeout_ms, task_timeout_ms,
      coalesce(deadline, now() + task_timeout_ms * interval '1 millisecond'), trace_parent, now(),
      least(deadline, now() + least(queued_timeout_ms, task_timeout_ms) * interval '1 millisecond')
    from json_to_recordset($1) as s (id uuid, type text, action text, input json, urgency smallint, caller text, idempotency_key text,
      max_attempts integer, backoff_ms integer, max_backoff_ms integer, attempt_timeout_ms integer, heartbeat_timeout_ms integer,
      queued_timeout_ms integer, task_timeout_ms integer, deadline timestamptz, trace_parent text)
    on conflict (caller, idempotency_key) where idempotency_key is not null do nothing
    returning id, created_at`,
};

const FIND = `select id, state, caller, idempotency_key from fabric.tasks
  where (caller, idempotency_key) in (select * from unnest($1::text[], $2::text[]))`;

/** Answers in the order of the submissions. */
export async function submitTasks(pool: Pool, submissions: readonly Submission[]): Promise<Submitted[]> {
  const { rows } = await pool.query<{ id: string; created_at: Date }>({ ...INSERT, values: [JSON.stringify(submissions.map(toRecord))] });
  const createdAt = new Map(rows.map((row) => [row.id, row.created_at]));
  const repeated = submissions.filter(({ id }) => !createdAt.has(id));
  const earlier = repeated.length === 0 ? new Map<string, TaskReceipt>() : await findByKey(pool, repeated);
  return submissions.map((submission): Submitted => {
    const at = createdAt.get(submission.id);
    if (at) return { id: submission.id, state: "pending", created: true, createdAt: at };
    const found = earlier.get(keyOf(submission.caller, submission.idempotencyKey));
    if (!found) throw new Error(`task ${submission.id} was neither stored nor found under its idempotency key`);
    return { ...found, created: false, createdAt: null };
  });
}

const keyOf = (caller: string, key: string | null): string => JSON.stringify([caller, key]);

async function findByKey(pool: Pool, submissions: readonly Submission[]): Promise<Map<string, TaskReceipt>> {
  const { rows } = await pool.query<{ id: string; state: TaskState; caller: string; idempotency_key: string }>(FIND, [
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
