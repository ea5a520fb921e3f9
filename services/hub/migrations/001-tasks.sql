-- Tasks, their attempts, and what must still be said to the broker.

create table fabric.tasks (
  id uuid primary key,
  type text not null,
  action text not null,
  input json not null,
  state text not null check (state in ('pending', 'active', 'succeeded', 'failed', 'cancelled', 'dead')),
  -- 0 high, 1 normal, 2 low: ascending, so that one index serves the whole order of dispatch
  urgency smallint not null check (urgency between 0 and 2),
  caller text not null,
  idempotency_key text,
  -- attempts started; also the fencing token: only the result of the current attempt counts
  attempt integer not null default 0,
  -- attempts that failed or were lost since the task was submitted or replayed; one that an agent returned does not count
  failures integer not null default 0,
  max_attempts integer not null,
  backoff_ms integer not null,
  max_backoff_ms integer not null,
  attempt_timeout_ms integer not null,
  heartbeat_timeout_ms integer not null,
  queued_timeout_ms integer not null,
  deadline timestamptz,
  trace_parent text,
  -- a pending task is not dispatched before available_at, and fails once expires_at has passed
  available_at timestamptz not null,
  expires_at timestamptz not null,
  dispatched_at timestamptz,
  -- first heartbeat of the current attempt
  started_at timestamptz,
  heartbeat_at timestamptz,
  agent_id text,
  progress double precision,
  cancel_requested_at timestamptz,
  result json,
  error json,
  first_error json,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  finished_at timestamptz
) with (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);

create unique index tasks_idempotency on fabric.tasks (caller, idempotency_key) where idempotency_key is not null;
create index tasks_pending on fabric.tasks (type, urgency, caller, available_at, id) where state = 'pending';
create index tasks_expiring on fabric.tasks (expires_at) where state = 'pending';
create index tasks_active on fabric.tasks (type, id) where state = 'active';
create index tasks_unsuccessful on fabric.tasks (state, id) where state in ('failed', 'cancelled', 'dead');

-- Finished attempts; the running one stands in fabric.tasks.
create table fabric.attempts (
  task_id uuid not null references fabric.tasks (id) on delete cascade,
  attempt integer not null,
  agent_id text,
  started_at timestamptz not null,
  finished_at timestamptz not null,
  outcome text not null,
  error json,
  primary key (task_id, attempt)
);

-- Written in the transaction that changes the task's state; deleted once the broker has confirmed.
create table fabric.outbox (
  seq bigint generated always as identity,
  task_id uuid not null,
  attempt integer not null,
  kind text not null check (kind in ('dispatch', 'dead-letter')),
  -- of a dead letter: attempts_used_up or not_retryable
  reason text,
  created_at timestamptz not null default now(),
  primary key (task_id, attempt, kind)
) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);

-- What people and the hub did to tasks out of the ordinary course: cancelled, replayed, lost, dead.
create table fabric.events (
  id bigint generated always as identity primary key,
  at timestamptz not null default now(),
  kind text not null,
  task_id uuid,
  actor text not null,
  detail jsonb not null default '{}'
);
create index events_of_task on fabric.events (task_id, id);

-- The latest action catalogue of each agent type that ever registered.
create table fabric.action_catalogs (
  type text primary key,
  catalog json not null,
  updated_at timestamptz not null default now(),
  -- when an agent of the type was last seen in the registry
  last_seen_at timestamptz not null default now()
);

grant select on fabric.tasks, fabric.attempts, fabric.outbox, fabric.events, fabric.action_catalogs to fabric_reader;
