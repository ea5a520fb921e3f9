/** SQL of the dispatcher. It runs on the connection that holds the leadership, so a hub that lost it cannot write. */
import type { ClientBase, Pool } from "pg";
import type { TaskMessage } from "../../../contract/bus.ts";
import type { Candidate } from "./turns.ts";

/** How many tasks of a type may be with the broker and its consumers at once. */
export interface TypeLimit {
  type: string;
  limit: number;
}

export interface Dispatched {
  message: TaskMessage;
  caller: string;
  urgency: number;
  traceParent: string | null;
  createdAt: Date;
  /** Milliseconds it waited since it could have been dispatched. */
  waitedMs: number;
}

export interface TypeCandidates {
  type: string;
  /** What the limit leaves, given the tasks that are active now. */
  room: number;
  candidates: Candidate[];
  /** Attempts that were begun, where there was room for every candidate; else none. In no order. */
  started: Dispatched[];
}

interface DispatchRow {
  id: string;
  type: string;
  action: string;
  input: unknown;
  attempt: number;
  attempt_timeout_ms: number;
  deadline: Date | null;
  caller: string;
  urgency: number;
  trace_parent: string | null;
  created_at: Date;
  waited_ms: number;
}

const MESSAGE_COLUMNS = `id, type, action, input, attempt, attempt_timeout_ms, deadline, caller, urgency, trace_parent, created_at,
  extract(epoch from (dispatched_at - available_at))::float8 * 1000 as waited_ms`;

/**
 * Begins attempts and writes the outbox. The commit is waited for: were it lost in a crash of the server after the message
 * went out, the same attempt number would be given twice and the result of the first refused.
 */
const begin = (ids: string): string => `
      update fabric.tasks set state = 'active', attempt = attempt + 1, dispatched_at = now(), started_at = null, heartbeat_at = null,
        agent_id = null, progress = null, updated_at = now()
      where id = any(${ids}) and state = 'pending'
      returning ${MESSAGE_COLUMNS}
    ), queued as (
      insert into fabric.outbox (task_id, attempt, kind) select id, attempt, 'dispatch' from chosen
    )`;

/**
 * Walks the index `tasks_pending` from lane to lane (a lane is an urgency and a caller) and takes the oldest of each,
 * so the cost depends on lanes and room and not on how many tasks wait. Where a type has room for all it found, nobody's
 * turn has to be thought about, and their attempts begin in the same statement.
 */
const CANDIDATES = {
  name: "dispatch-candidates",
  text: `with recursive room as (
      select q.type, q.task_limit - (select count(*)::integer from fabric.tasks a where a.state = 'active' and a.type = q.type) as room
      from unnest($1::text[], $2::integer[]) as q (type, task_limit)
    ), lanes as (
      select r.type, r.room, l.urgency, l.caller
      from room r cross join lateral (
        select t.urgency, t.caller from fabric.tasks t where t.state = 'pending' and t.type = r.type
        order by t.urgency, t.caller limit 1
      ) l where r.room > 0
      union all
      select l.type, l.room, n.urgency, n.caller
      from lanes l cross join lateral (
        select t.urgency, t.caller from fabric.tasks t
        where t.state = 'pending' and t.type = l.type and (t.urgency, t.caller) > (l.urgency, l.caller)
        order by t.urgency, t.caller limit 1
      ) n
    ), found as (
      select r.type, r.room, p.urgency, p.caller, p.id
      from room r left join lateral (
        select l.urgency, l.caller, c.id
        from lanes l cross join lateral (
          select t.id from fabric.tasks t
          where t.state = 'pending' and t.type = l.type and t.urgency = l.urgency and t.caller = l.caller and t.available_at <= now()
          order by t.available_at, t.id limit l.room
        ) c where l.type = r.type
      ) p on true
    ), chosen as (${begin(`array(
        select f.id from found f where f.type in (select type from found group by type, room having count(id) <= room) and f.id is not null
      )`)}
    select f.type, f.room, f.urgency, f.caller, f.id, c.action, c.input, c.attempt, c.attempt_timeout_ms, c.deadline, c.trace_parent, c.created_at, c.waited_ms
    from found f left join chosen c on c.id = f.id`,
};

type CandidateRow = { type: string; room: number; urgency: number; caller: string } & ({ id: null } | (DispatchRow & { attempt: number | null }));

/** What waits and has room, each type by itself; begins the attempts of a type that has room for all of them. */
export async function takeCandidates(client: ClientBase, limits: readonly TypeLimit[]): Promise<TypeCandidates[]> {
  const { rows } = await client.query<CandidateRow>({
    ...CANDIDATES,
    values: [limits.map(({ type }) => type), limits.map(({ limit }) => limit)],
  });
  return [...Map.groupBy(rows, (row) => row.type)].map(([type, ofType]) => ({
    type,
    room: ofType[0]!.room,
    candidates: ofType.flatMap(({ id, urgency, caller }) => (id === null ? [] : { id, type, urgency, caller })),
    started: ofType.flatMap((row) => (row.id === null || row.attempt === null ? [] : toDispatched(row))),
  }));
}

const START = {
  name: "dispatch-start",
  text: `with chosen as (${begin("$1::uuid[]")}
    select * from chosen`,
};

/** Begins an attempt of each task, and writes the outbox, in one transaction. Answers in the order of the ids. */
export async function startAttempts(client: ClientBase, ids: readonly string[]): Promise<Dispatched[]> {
  const { rows } = await client.query<DispatchRow>({ ...START, values: [ids] });
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.flatMap((id) => byId.get(id) ?? []).map(toDispatched);
}

const UNSENT = `select ${MESSAGE_COLUMNS.replace(/\b(id|attempt|created_at)\b/g, "t.$1")}
  from fabric.outbox o join fabric.tasks t on t.id = o.task_id and t.attempt = o.attempt and t.state = 'active'
  where o.kind = 'dispatch' and o.created_at < now() - $1 * interval '1 millisecond' order by o.seq limit $2`;

/** Dispatches that the outbox has kept for `olderThanMs`, oldest first. */
export async function unsentDispatches(pool: Pool, olderThanMs: number, limit: number): Promise<Dispatched[]> {
  const { rows } = await pool.query<DispatchRow>(UNSENT, [olderThanMs, limit]);
  return rows.map(toDispatched);
}

function toDispatched(row: DispatchRow): Dispatched {
  return {
    message: {
      taskId: row.id,
      type: row.type,
      action: row.action,
      input: row.input,
      attempt: row.attempt,
      timeoutMs: row.attempt_timeout_ms,
      deadline: row.deadline?.toISOString() ?? null,
    },
    caller: row.caller,
    urgency: row.urgency,
    traceParent: row.trace_parent,
    createdAt: row.created_at,
    waitedMs: row.waited_ms,
  };
}
