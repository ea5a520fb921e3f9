-- Runs of workflows and how far each is. The coordinator owns them; others read (group role workflows_reader).

CREATE TABLE workflows.runs (
  -- Task of run_workflow.
  id          uuid PRIMARY KEY,
  name        text,
  -- settling: it has failed or been cancelled; what runs is cancelled, what had succeeded is undone.
  state       text NOT NULL CHECK (state IN ('running', 'settling', 'succeeded', 'failed', 'cancelled')),
  -- What settling leads to.
  outcome     text CHECK (outcome IN ('failed', 'cancelled')),
  -- Which task settles it: the run's own, or settle_workflow after that one is over.
  settled_by  text CHECK (settled_by IN ('run', 'settle')),
  reason      text,
  -- Attempt of the run's task that drives it, and the fence: each taking over counts it up, and only the newest may write.
  attempt     integer NOT NULL,
  epoch       integer NOT NULL DEFAULT 1,
  started_at  timestamptz NOT NULL DEFAULT now(),
  updated_at  timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz
);
CREATE INDEX runs_unfinished ON workflows.runs (updated_at) WHERE state IN ('running', 'settling');
CREATE INDEX runs_finished ON workflows.runs (finished_at) WHERE finished_at IS NOT NULL;

-- One row a step, and one an item of a step that fans out.
CREATE TABLE workflows.units (
  run_id       uuid NOT NULL REFERENCES workflows.runs (id) ON DELETE CASCADE,
  step         text NOT NULL,
  -- Place in the list; -1 for the step itself.
  item         integer NOT NULL,
  state        text NOT NULL,
  task_id      uuid,
  round        integer NOT NULL,
  replay       boolean NOT NULL,
  reason       text,
  result       json,
  error        json,
  attempts     integer NOT NULL,
  started_at   text,
  finished_at  text,
  compensation json,
  PRIMARY KEY (run_id, step, item)
);
