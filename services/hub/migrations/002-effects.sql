-- Effects of actions, once per key: an agent claims (task_id, key) in the transaction that does the effect.

create table fabric.effect_claims (
  task_id uuid not null,
  key text not null,
  attempt integer not null,
  agent_id text not null,
  result json,
  claimed_at timestamptz not null default now(),
  primary key (task_id, key)
);

-- Append-only and deliberately without a unique constraint: a double effect must show.
create table fabric.effects (
  id bigint generated always as identity primary key,
  task_id uuid not null,
  key text not null,
  attempt integer not null,
  agent_id text not null,
  at timestamptz not null default now()
);
create index effects_of_task on fabric.effects (task_id);

grant select on fabric.effect_claims, fabric.effects to fabric_reader;
grant usage on schema fabric to effects_writer;
grant select, insert on fabric.effect_claims, fabric.effects to effects_writer;
