-- Replay by filter, the time of a whole task, and what the leading hub measures of each queue.

-- Null where the deadline is the caller's own; else the deadline begins anew when the task is replayed.
alter table fabric.tasks add column task_timeout_ms integer;

create index tasks_dead on fabric.tasks (type) where state = 'dead';

-- The last minute of each type, as the hub that dispatches saw it; one row a type, written every few seconds.
create table fabric.queue_load (
  type text primary key,
  started_per_second double precision not null,
  -- mean number of tasks with the broker or an agent
  held double precision not null,
  measured_at timestamptz not null default now()
);

grant select on fabric.queue_load to fabric_reader;
