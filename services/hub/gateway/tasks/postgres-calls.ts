/** The ledger of long calls as rows of the task fabric: type {@link CALL_TYPE}, the tool's public name as action. */
import type { Pool } from "pg";
import type { Role } from "../../../../contract/access.ts";
import type { TaskError } from "../../../../contract/bus.ts";
import { CALL_TYPE, TaskPolicy, type TaskState } from "../../../../contract/tasks.ts";
import type { TaskFabric } from "../../tasks/fabric.ts";
import { isTaskId } from "../../tasks/task-id.ts";
import { urgencyOf } from "../../tasks/task-row.ts";
import { Sealer } from "../access/sealer.ts";
import { LEASE_MS, type CallLedger, type ClaimedCall, type Handle, type KnownCall, type NewCall, type Outcome, type StoredCall } from "./call-ledger.ts";

const DAY_MS = 86_400_000;
/** Who follows a call says so within seconds; the fabric's own limit is for a stack without any hub that does. */
const POLICY = TaskPolicy.parse({ attemptTimeoutMs: DAY_MS, heartbeatTimeoutMs: 60_000, taskTimeoutMs: DAY_MS });
/** Calls that one hub takes over in one round. */
const CLAIM_LIMIT = 200;

/** What is public of a call: the fabric's readers see it. Request and result are sealed. */
interface Input {
  server: string;
  tool: string;
  role: Role;
  repeatable: boolean;
  request: string;
}

const ROW = `t.id, t.state, t.attempt, t.action, t.caller, t.input -> 'server' as server, t.input -> 'tool' as tool, t.input -> 'role' as role,
  t.input -> 'repeatable' as repeatable, t.trace_parent as "traceparent", t.cancel_requested_at is not null as "cancelRequested",
  t.created_at as "createdAt", t.updated_at as "updatedAt", c.replica, c.handle`;
/** The handle of an attempt that is over is nobody's any more. */
const HANDLE = `left join fabric.calls c on c.task_id = t.id and c.attempt = t.attempt`;

interface Row {
  id: string;
  state: TaskState;
  attempt: number;
  action: string;
  caller: string;
  server: string;
  tool: string;
  role: Role;
  repeatable: boolean;
  traceparent: string;
  cancelRequested: boolean;
  createdAt: Date;
  updatedAt: Date;
  replica: string | null;
  handle: string | null;
}

const BEGIN = {
  name: "calls-begin",
  text: `with t as (
      insert into fabric.tasks (id, type, action, input, state, urgency, caller, attempt, max_attempts, backoff_ms, max_backoff_ms, attempt_timeout_ms,
        heartbeat_timeout_ms, queued_timeout_ms, task_timeout_ms, deadline, trace_parent, available_at, expires_at, dispatched_at, started_at, heartbeat_at, agent_id)
      values ($1, '${CALL_TYPE}', $2, $3, 'active', ${urgencyOf("normal")}, $4, 1, $5, ${POLICY.backoffMs}, ${POLICY.maxBackoffMs}, ${POLICY.attemptTimeoutMs},
        ${POLICY.heartbeatTimeoutMs}, ${POLICY.queuedTimeoutMs}, ${POLICY.taskTimeoutMs}, now() + ${POLICY.taskTimeoutMs} * interval '1 millisecond', $6, now(),
        now() + ${POLICY.queuedTimeoutMs} * interval '1 millisecond', now(), now(), now(), $7)
      returning id, created_at
    ), c as (
      insert into fabric.calls (task_id, attempt, replica, handle) select id, 1, $8, $9 from t
    )
    select created_at as "createdAt" from t`,
};

const FIND = { name: "calls-find", text: `select ${ROW}, t.result, t.error from fabric.tasks t ${HANDLE} where t.id = $1 and t.type = '${CALL_TYPE}'` };

/** The request is read where the call has to be made again. */
const CLAIMED = `select ${ROW}, case when c.handle is null then t.input -> 'request' end as request from taken t ${HANDLE}`;

const CLAIM_SILENT = {
  name: "calls-claim-silent",
  text: `with taken as (
      update fabric.tasks set heartbeat_at = now(), agent_id = $1
      where id in (select id from fabric.tasks where type = '${CALL_TYPE}' and state = 'active' and agent_id is distinct from $1
        and heartbeat_at <= now() - ${LEASE_MS} * interval '1 millisecond' order by id limit ${CLAIM_LIMIT} for update skip locked)
      returning *
    ) ${CLAIMED}`,
};

const CLAIM_DUE = {
  name: "calls-claim-due",
  text: `with taken as (
      update fabric.tasks set state = 'active', attempt = attempt + 1, dispatched_at = now(), started_at = now(), heartbeat_at = now(), agent_id = $1,
        progress = null, updated_at = now()
      where id in (select id from fabric.tasks where type = '${CALL_TYPE}' and state = 'pending' and available_at <= now()
        order by available_at limit ${CLAIM_LIMIT} for update skip locked)
      returning *
    ) ${CLAIMED}`,
};

const BEAT = {
  name: "calls-beat",
  text: `update fabric.tasks t set heartbeat_at = now() from json_to_recordset($2) as b (id uuid, attempt integer)
    where t.id = b.id and t.attempt = b.attempt and t.state = 'active' and t.agent_id = $1
    returning t.id, t.cancel_requested_at is not null as "cancelRequested"`,
};

const TAKEN = {
  name: "calls-taken",
  text: `insert into fabric.calls (task_id, attempt, replica, handle) values ($1, $2, $3, $4)
    on conflict (task_id) do update set attempt = excluded.attempt, replica = excluded.replica, handle = excluded.handle where calls.attempt < excluded.attempt`,
};

/** Not further back than the lease: longer silence would look to the sweeper as if nobody came. */
const RELEASE = `update fabric.tasks set heartbeat_at = now() - ${LEASE_MS} * interval '1 millisecond', agent_id = null
  where type = '${CALL_TYPE}' and state = 'active' and agent_id = $1`;

export interface PostgresCallsOptions {
  /** Both throw while the hub is starting. */
  pool(): Pool;
  fabric(): Pick<TaskFabric, "begun" | "request" | "apply" | "takeResults">;
  /** The same in every hub of a stack. */
  sealSecret: string;
}

export class PostgresCalls implements CallLedger {
  readonly #options: PostgresCallsOptions;
  readonly #sealer: Sealer;

  constructor(options: PostgresCallsOptions) {
    this.#options = options;
    this.#sealer = new Sealer(options.sealSecret, "gateway calls");
  }

  async begin(call: NewCall, follower: string): Promise<StoredCall> {
    const { id, caller, server, tool, name, repeatable, traceparent, handle, request } = call;
    const input: Input = { server, tool, role: caller.role, repeatable, request: this.#sealer.seal(request, placeOf(id, caller.sub, "request")) };
    const { rows } = await this.#options.pool().query<{ createdAt: Date }>({
      ...BEGIN, values: [id, name, JSON.stringify(input), caller.sub, repeatable ? POLICY.maxAttempts : 1, traceparent, follower, handle.replica, handle.taskId],
    });
    const { createdAt } = rows[0]!;
    this.#options.fabric().begun([changeOf({ id, action: name, caller: caller.sub, attempt: 1, createdAt }, follower)]);
    return { id, caller, server, tool, name, repeatable, traceparent, state: "active", attempt: 1, handle, cancelRequested: false, createdAt, updatedAt: createdAt };
  }

  async find(id: string): Promise<KnownCall | null> {
    if (!isTaskId(id)) return null;
    const { rows } = await this.#options.pool().query<Row & { result: { sealed: string } | null; error: TaskError | null }>({ ...FIND, values: [id] });
    const row = rows[0];
    if (!row) return null;
    const result = row.state === "succeeded" ? this.#sealer.open(row.result!.sealed, placeOf(id, row.caller, "result")) : null;
    if (row.state === "succeeded" && result === null) throw new Error(`the result of call ${id} cannot be opened: it was sealed under another key`);
    return { ...toCall(row), result, error: row.error };
  }

  async cancel(id: string, actor: string): Promise<boolean> {
    return (await this.#options.fabric().request(id, "cancel-requested", actor))?.changed ?? false;
  }

  async claim(follower: string): Promise<ClaimedCall[]> {
    const pool = this.#options.pool();
    type Claimed = Row & { request: string | null };
    const silent = await pool.query<Claimed>({ ...CLAIM_SILENT, values: [follower] });
    const due = await pool.query<Claimed>({ ...CLAIM_DUE, values: [follower] });
    this.#options.fabric().begun(due.rows.map((row) => changeOf(row, follower)));
    return [...silent.rows, ...due.rows].map((row) => ({
      ...toCall(row), request: row.request === null ? null : this.#sealer.open(row.request, placeOf(row.id, row.caller, "request")),
    }));
  }

  async beat(follower: string, calls: readonly { id: string; attempt: number }[]): Promise<{ id: string; cancelRequested: boolean }[]> {
    const { rows } = await this.#options.pool().query<{ id: string; cancelRequested: boolean }>({ ...BEAT, values: [follower, JSON.stringify(calls)] });
    return rows;
  }

  async taken({ id, attempt }: { id: string; attempt: number }, handle: Handle): Promise<void> {
    await this.#options.pool().query({ ...TAKEN, values: [id, attempt, handle.replica, handle.taskId] });
  }

  async settle({ id, attempt, caller }: Pick<StoredCall, "id" | "attempt" | "caller">, follower: string, outcome: Outcome): Promise<void> {
    const fabric = this.#options.fabric();
    if (outcome.kind === "succeeded") {
      const result = { sealed: this.#sealer.seal(outcome.result, placeOf(id, caller.sub, "result")) };
      await fabric.takeResults([{ taskId: id, attempt, agentId: follower, outcome: "succeeded", result }]);
    } else {
      await fabric.apply([{ taskId: id, agentId: follower, event: outcome.kind === "failed" ? { kind: "failed", attempt, error: outcome.error } : { kind: "cancelled", attempt } }]);
    }
  }

  async release(follower: string): Promise<void> {
    await this.#options.pool().query(RELEASE, [follower]);
  }
}

/** What is sealed opens as this part of this call of this caller alone. */
const placeOf = (id: string, caller: string, part: "request" | "result"): Buffer => Buffer.from(JSON.stringify([part, id, caller]));

const changeOf = ({ id, action, caller, attempt, createdAt }: Pick<Row, "id" | "action" | "caller" | "attempt" | "createdAt">, agentId: string) =>
  ({ id, type: CALL_TYPE, action, caller, state: "active", attempt, agentId, error: null, urgency: urgencyOf("normal"), createdAt }) as const;

function toCall({ id, state, attempt, action, caller, role, server, tool, repeatable, traceparent, cancelRequested, createdAt, updatedAt, replica, handle }: Row): StoredCall {
  return {
    id, state, attempt, name: action, caller: { sub: caller, role }, server, tool, repeatable, traceparent, cancelRequested, createdAt, updatedAt,
    handle: replica === null || handle === null ? null : { replica, taskId: handle },
  };
}
