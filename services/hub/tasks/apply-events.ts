/** Lets events happen to tasks: locks the rows, asks {@link transition}, writes what it says, in one transaction. */
import type { Pool, PoolClient } from "pg";
import type { TaskError } from "../../../contract/bus.ts";
import { CALL_TYPE, type TaskState } from "../../../contract/tasks.ts";
import { transition, type Change, type TaskEvent, type TaskFacts } from "./transitions.ts";

export interface EventInput {
  taskId: string;
  event: TaskEvent;
  /** The agent that reports it. */
  agentId?: string | null;
  /** Who caused it; `hub` unless a caller did. */
  actor?: string;
}

export interface LockedTask extends TaskFacts {
  id: string;
  type: string;
  action: string;
  caller: string;
  urgency: number;
  agentId: string | null;
  createdAt: Date;
}

export interface Applied {
  taskId: string;
  /** As it was before the event; null when there is no such task. */
  before: LockedTask | null;
  /** Null when the event changed nothing. */
  change: Change | null;
}

const LOCK = `select id, type, action, caller, urgency, state, attempt, failures, max_attempts as "maxAttempts", backoff_ms as "backoffMs",
    max_backoff_ms as "maxBackoffMs", cancel_requested_at is not null as "cancelRequested", agent_id as "agentId", created_at as "createdAt"
  from fabric.tasks where id = any($1::uuid[]) order by id for update`;

const WRITE = `with c as (
    select * from json_to_recordset($1) as c (id uuid, state text, failures integer, cancel_requested boolean, retry_in_ms integer,
      error json, outcome text, agent_id text, dead_letter boolean, replayed boolean)
  ), due as (
    select c.id, case
      when not c.replayed then t.deadline
      when t.task_timeout_ms is not null then now() + t.task_timeout_ms * interval '1 millisecond'
      when t.deadline >= now() then t.deadline
    end as deadline
    from c join fabric.tasks t on t.id = c.id
  ), changed as (
    update fabric.tasks t set
      state = c.state,
      failures = c.failures,
      cancel_requested_at = case when c.cancel_requested then coalesce(t.cancel_requested_at, now()) end,
      deadline = due.deadline,
      available_at = case when c.state = 'pending' then now() + c.retry_in_ms * interval '1 millisecond' else t.available_at end,
      expires_at = case when c.state = 'pending'
        then least(due.deadline, now() + (c.retry_in_ms + t.queued_timeout_ms) * interval '1 millisecond')
        else t.expires_at end,
      error = case when c.state = 'active' then t.error else c.error end,
      first_error = case when c.replayed then null when c.state = 'active' then t.first_error else coalesce(t.first_error, c.error) end,
      agent_id = case when c.outcome is null then t.agent_id else coalesce(c.agent_id, t.agent_id) end,
      finished_at = case when c.state in ('pending', 'active') then null else now() end,
      updated_at = now()
    from c join due on due.id = c.id where t.id = c.id
  ), ended as (
    insert into fabric.attempts (task_id, attempt, agent_id, started_at, finished_at, outcome, error)
    select t.id, t.attempt, coalesce(c.agent_id, t.agent_id), coalesce(t.started_at, t.dispatched_at), now(), c.outcome, c.error
    from c join fabric.tasks t on t.id = c.id where c.outcome is not null
  )
  insert into fabric.outbox (task_id, attempt, kind, reason)
  select t.id, t.attempt, 'dead-letter', case c.state when 'dead' then 'attempts_used_up' else 'not_retryable' end
  from c join fabric.tasks t on t.id = c.id where c.dead_letter
  on conflict do nothing`;

const NOTE = `insert into fabric.events (kind, task_id, actor, detail)
  select kind, task_id, actor, detail from json_to_recordset($1) as n (kind text, task_id uuid, actor text, detail jsonb)`;

/** Events that are worth a line of history: what people did, and what went out of the ordinary course. */
const NOTED: ReadonlySet<TaskEvent["kind"]> = new Set(["lost", "expired", "cancel-requested", "cancel-overdue", "replayed"]);

/** Answers in the order of the inputs. Several events of one task apply one after the other. */
export async function applyEvents(pool: Pool, inputs: readonly EventInput[]): Promise<Applied[]> {
  const client = await pool.connect();
  try {
    await client.query("begin");
    const applied = await applyLocked(client, inputs);
    await client.query("commit");
    client.release();
    return applied;
  } catch (error) {
    client.release(true);
    throw error;
  }
}

async function applyLocked(client: PoolClient, inputs: readonly EventInput[]): Promise<Applied[]> {
  const { rows } = await client.query<LockedTask>(LOCK, [[...new Set(inputs.map(({ taskId }) => taskId))]]);
  const tasks = new Map(rows.map((row) => [row.id, row]));
  const writes = new Map<string, Record<string, unknown>>();
  const notes: Record<string, unknown>[] = [];
  const applied = inputs.map(({ taskId, event, agentId, actor }): Applied => {
    const before = tasks.get(taskId) ?? null;
    const changed = before ? transition(before, event) : null;
    if (!before || !changed) return { taskId, before, change: null };
    // A call has no queue that its letter could lie in; whoever made it is told by the task itself.
    const change = before.type === CALL_TYPE ? { ...changed, deadLetter: false, cancelAgent: false } : changed;
    tasks.set(taskId, { ...before, state: change.state, failures: change.failures, cancelRequested: change.cancelRequested });
    writes.set(taskId, toRecord(taskId, event, change, agentId ?? null));
    if (NOTED.has(event.kind)) notes.push(toNote(before, event.kind, change.error, actor));
    if (change.deadLetter) notes.push(toNote(before, "dead-letter", change.error, actor));
    return { taskId, before, change };
  });
  if (writes.size > 0) await client.query({ name: "apply-events", text: WRITE, values: [JSON.stringify([...writes.values()])] });
  if (notes.length > 0) await client.query(NOTE, [JSON.stringify(notes)]);
  return applied;
}

function toRecord(id: string, event: TaskEvent, change: Change, agentId: string | null): Record<string, unknown> {
  return {
    id,
    state: change.state,
    failures: change.failures,
    cancel_requested: change.cancelRequested,
    retry_in_ms: change.retryInMs,
    error: change.error,
    outcome: change.outcome,
    agent_id: agentId,
    dead_letter: change.deadLetter,
    replayed: event.kind === "replayed",
  };
}

function toNote(task: LockedTask, kind: string, error: TaskError | null, actor = "hub"): Record<string, unknown> {
  return { kind, task_id: task.id, actor, detail: { attempt: task.attempt, agentId: task.agentId, from: task.state satisfies TaskState, code: error?.code } };
}
