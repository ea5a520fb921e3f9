-- Long tool calls: where the server that was called keeps the task that it made of the call. The call itself is a row of fabric.tasks.

create table fabric.calls (
  task_id uuid primary key references fabric.tasks (id) on delete cascade,
  -- the attempt that the rest is about; while it is not the task's current one, the tool is being called again
  attempt integer not null,
  -- host:port of the replica, which alone knows the task
  replica text not null,
  -- the server's own name of its task
  handle text not null
);
