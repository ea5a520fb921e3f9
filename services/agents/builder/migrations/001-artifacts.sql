-- Results of builds, named by their content. The builder agent owns them; others read (group role artifacts_reader).

CREATE TABLE artifacts.artifacts (
  -- SHA-256 of content, hexadecimal: whoever reads it can check it.
  hash        text PRIMARY KEY CHECK (hash ~ '^[0-9a-f]{64}$'),
  kind        text NOT NULL,
  -- Canonical JSON, kept as text because jsonb would not give the same bytes back.
  content     text NOT NULL,
  size_bytes  integer NOT NULL,
  -- Task that stored it first; others with the same result found it here.
  task_id     uuid NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX artifacts_created ON artifacts.artifacts (created_at);
