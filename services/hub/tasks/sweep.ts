/** Which tasks need attention although nobody said anything: the clock's side of the state machine. */
import type { Pool } from "pg";
import type { TaskError } from "../../../contract/bus.ts";
import type { EventInput } from "./apply-events.ts";

/** Beyond its own limit, for the agent to notice first and say so. */
const ATTEMPT_GRACE_MS = 5_000;
/** For an agent to answer a cancellation. */
const CANCEL_GRACE_MS = 10_000;

export type Overdue = "deadline" | "queued" | "cancel" | "silent" | "slow" | "undelivered";

export interface OverdueTask {
  id: string;
  type: string;
  attempt: number;
  agentId: string | null;
  overdue: Overdue;
}

/** Silence counts only where it could have been broken: $2 is for how long the hub has been able to hear agents. */
const ACTIVE = `select id, type, attempt, agent_id as "agentId", overdue from (
    select id, type, attempt, agent_id, case
      when deadline < now() then 'deadline'
      when cancel_requested_at < now() - interval '${CANCEL_GRACE_MS} milliseconds' then 'cancel'
      when heartbeat_timeout_ms < $2 and heartbeat_at < now() - heartbeat_timeout_ms * interval '1 millisecond' then 'silent'
      when heartbeat_timeout_ms < $2 and started_at < now() - (attempt_timeout_ms + ${ATTEMPT_GRACE_MS}) * interval '1 millisecond' then 'slow'
      when heartbeat_at is null and dispatched_at < now() - queued_timeout_ms * interval '1 millisecond' then 'queued'
      when heartbeat_timeout_ms < $2 and heartbeat_at is null and dispatched_at < now() - heartbeat_timeout_ms * interval '1 millisecond' then 'undelivered'
    end as overdue
    from fabric.tasks where state = 'active'
  ) a where overdue is not null limit $1`;

const PENDING = `select id, type, attempt, agent_id as "agentId", case when deadline < now() then 'deadline' else 'queued' end as overdue
  from fabric.tasks where state = 'pending' and expires_at < now() order by expires_at limit $1`;

const NEXT = `select exists (select from fabric.tasks where state = 'active') as active,
  (select extract(epoch from min(expires_at) - now())::float8 * 1000 from fabric.tasks where state = 'pending') as "expiresInMs",
  exists (select from fabric.outbox where created_at < now() - interval '5 seconds') as unsent`;

export interface SweepOutlook {
  /** Something is with an agent or on the way to one. */
  active: boolean;
  /** Until the first pending task expires; null when none is pending. */
  expiresInMs: number | null;
  /** The outbox holds something that should be long gone. */
  unsent: boolean;
}

/** @param hearingMs for how long without a break agents could be heard */
export async function findOverdue(pool: Pool, limit: number, hearingMs: number): Promise<OverdueTask[]> {
  const [active, pending] = await Promise.all([pool.query<OverdueTask>(ACTIVE, [limit, hearingMs]), pool.query<OverdueTask>(PENDING, [limit])]);
  return [...active.rows, ...pending.rows];
}

export async function sweepOutlook(pool: Pool): Promise<SweepOutlook> {
  return (await pool.query<SweepOutlook>(NEXT)).rows[0]!;
}

const error = (code: string, message: string, retryable: boolean): TaskError => ({ code, message, retryable });

/** The event that being overdue amounts to. Pure. */
export function overdueEvent({ id, attempt, agentId, overdue }: OverdueTask): EventInput {
  const agent = agentId ?? "the agent";
  switch (overdue) {
    case "deadline":
      return { taskId: id, event: { kind: "expired", error: error("deadline", "The deadline passed before the task was done.", false) } };
    case "queued":
      return { taskId: id, event: { kind: "expired", error: error("queued_timeout", "No agent took the task in time. GET /api/v1/services shows which agents run.", false) } };
    case "cancel":
      return { taskId: id, event: { kind: "cancel-overdue", attempt } };
    case "silent":
      return { taskId: id, agentId, event: { kind: "lost", attempt, error: error("heartbeat_timeout", `No sign of life from ${agent}.`, true) } };
    case "slow":
      return { taskId: id, agentId, event: { kind: "lost", attempt, error: error("timeout", `${agent} did not end the attempt within its time.`, true) } };
    case "undelivered":
      return { taskId: id, event: { kind: "lost", attempt, error: error("undelivered", "The broker no longer holds the task and no agent reports it: each delivery ended with the loss of its agent.", true) } };
  }
}
