/** New tasks for which there is room: stored and begun in one commit, which a task that waits needs two for. */
import type { ClientBase } from "pg";
import { insertTasks, receipts, SUBMITTED, toRecords, type StoredRow, type Submission, type Submitted } from "../tasks/submit.ts";
import type { Dispatched, TypeLimit } from "./dispatch-queries.ts";

export interface StoredAndBegun {
  /** In the order of the submissions. */
  submitted: Submitted[];
  begun: Dispatched[];
  /** Of the types of tasks that were stored: what the limit left before. */
  rooms: ReadonlyMap<string, number>;
}

/** A type begins all of its new tasks or none: where one has to wait, whose turn it is is for the dispatcher to say. */
const STORE = {
  name: "submit-and-begin",
  text: `with room as materialized (
      select q.type, q.task_limit - (select count(*)::integer from fabric.tasks a where a.state = 'active' and a.type = q.type) as room,
        exists (select from fabric.tasks p where p.state = 'pending' and p.type = q.type) as crowded
      from unnest($2::text[], $3::integer[]) as q (type, task_limit)
    ), ${SUBMITTED}, free as materialized (
      select s.type from s join room r on r.type = s.type where not r.crowded group by s.type, r.room having count(*) <= r.room
    ), stored as (${insertTasks("type in (select type from free)")}
    ), queued as (
      insert into fabric.outbox (task_id, attempt, kind) select id, 1, 'dispatch' from stored where state = 'active'
    )
    select t.id, t.type, t.state, t.created_at, t.deadline, r.room from stored t left join room r on r.type = t.type`,
};

interface Row extends StoredRow {
  type: string;
  deadline: Date | null;
  room: number | null;
}

/** @param client the session that leads: nobody else begins attempts meanwhile, so the room that it counts is there */
export async function storeAndBegin(client: ClientBase, limits: readonly TypeLimit[], submissions: readonly Submission[]): Promise<StoredAndBegun> {
  const { rows } = await client.query<Row>({
    ...STORE,
    values: [toRecords(submissions), limits.map(({ type }) => type), limits.map(({ limit }) => limit)],
  });
  const byId = new Map(submissions.map((submission) => [submission.id, submission]));
  return {
    submitted: await receipts(client, submissions, rows),
    begun: rows.flatMap((row) => (row.state === "active" ? dispatchOf(byId.get(row.id)!, row) : [])),
    rooms: new Map(rows.flatMap(({ type, room }) => (room === null ? [] : [[type, room]]))),
  };
}

function dispatchOf({ id, type, action, input, policy, caller, urgency, traceParent }: Submission, { created_at, deadline }: Row): Dispatched {
  return {
    message: { taskId: id, type, action, input, attempt: 1, timeoutMs: policy.attemptTimeoutMs, deadline: deadline?.toISOString() ?? null },
    caller, urgency, traceParent, createdAt: created_at, waitedMs: 0,
  };
}
