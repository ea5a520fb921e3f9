-- Code index. The code-indexer agent owns it and writes; others read (group role code_index_reader).
--
-- Text is stored once per git blob, so a file that is the same in two revisions, forks or folders is stored and parsed
-- once. A search goes chunks → blobs → files → repositories.

CREATE TABLE code_index.repositories (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name         text NOT NULL UNIQUE,
  -- Git URL without credentials, or 'workspace'.
  source       text NOT NULL,
  -- What was asked for (branch, tag or commit); null for the default branch and for the workspace.
  requested    text,
  -- Commit that was indexed; null where the source is not a git checkout or has no commit yet.
  commit       text,
  -- Path prefixes the index is restricted to; empty for everything.
  paths        text[] NOT NULL DEFAULT '{}',
  -- SHA-256 over the sorted list of paths and blobs: the same tree has the same digest.
  tree         text,
  -- Counts of the last run, as the action answered them.
  last_run     jsonb,
  created_at   timestamptz NOT NULL DEFAULT now(),
  -- When the files below last became what they are; null until a first run has ended.
  indexed_at   timestamptz
);

CREATE TABLE code_index.blobs (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- Git's object name: hexadecimal SHA-1 of "blob <size>\0<content>".
  sha1         text NOT NULL CHECK (sha1 ~ '^[0-9a-f]{40}$'),
  -- As told by the file's name ('TypeScript', 'Solidity', …; 'Text' where unknown): the same bytes can be two languages.
  language     text NOT NULL,
  -- Version of chunking and symbol extraction that made its rows.
  extractor    integer NOT NULL,
  size_bytes   bigint NOT NULL,
  line_count   integer NOT NULL DEFAULT 0,
  -- Why it has no text here: 'binary', 'too_large', 'minified'; null for a searchable blob.
  skipped      text,
  -- Full text with '\n' line ends; null when skipped.
  content      text,
  created_at   timestamptz NOT NULL DEFAULT now(),
  UNIQUE (sha1, language),
  CHECK ((skipped IS NULL) = (content IS NOT NULL))
);

CREATE TABLE code_index.files (
  repository_id bigint NOT NULL REFERENCES code_index.repositories ON DELETE CASCADE,
  -- Relative to the repository's root, with '/'.
  path          text NOT NULL,
  blob_id       bigint NOT NULL REFERENCES code_index.blobs,
  PRIMARY KEY (repository_id, path)
);
CREATE INDEX files_blob ON code_index.files (blob_id);

CREATE TABLE code_index.chunks (
  blob_id      bigint NOT NULL REFERENCES code_index.blobs ON DELETE CASCADE,
  ordinal      integer NOT NULL,
  -- Lines from 1, both included; neighbours may overlap. Text: code_index.lines(blobs.content, start_line, end_line).
  start_line   integer NOT NULL,
  end_line     integer NOT NULL,
  -- Names of symbols defined in it have weight A, all its words weight D.
  search       tsvector NOT NULL,
  PRIMARY KEY (blob_id, ordinal),
  CHECK (start_line >= 1 AND end_line >= start_line)
);
CREATE INDEX chunks_search ON code_index.chunks USING gin (search);

CREATE TABLE code_index.symbols (
  blob_id      bigint NOT NULL REFERENCES code_index.blobs ON DELETE CASCADE,
  ordinal      integer NOT NULL,
  name         text NOT NULL,
  -- Lower case without underscores, so that fooBar, FooBar and foo_bar meet: code_index.fold(name).
  folded       text NOT NULL,
  -- As universal-ctags names it: 'function', 'class', 'method', 'interface', 'contract', …
  kind         text NOT NULL,
  line         integer NOT NULL,
  -- Last line of the definition where the parser knows it.
  end_line     integer,
  -- Enclosing symbol, as in 'McpServer'; null at top level.
  scope        text,
  signature    text,
  -- The words of its name, for search by part.
  search       tsvector NOT NULL,
  PRIMARY KEY (blob_id, ordinal)
);
CREATE INDEX symbols_name ON code_index.symbols (name);
CREATE INDEX symbols_folded ON code_index.symbols (folded text_pattern_ops);
CREATE INDEX symbols_search ON code_index.symbols USING gin (search);

-- fooBar, FooBar, foo_bar → 'foobar'.
CREATE FUNCTION code_index.fold(identifier text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$ SELECT lower(replace(identifier, '_', '')) $$;

-- Words of an identifier: 'parseHTTPHeader2' and 'parse_http_header2' → {parse,http,header2}.
CREATE FUNCTION code_index.split(identifier text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
  SELECT lower(
    regexp_replace(
      regexp_replace(
        regexp_replace(identifier, '[^[:alnum:]]+', ' ', 'g'),
        '([[:lower:][:digit:]])([[:upper:]])', '\1 \2', 'g'),
      '([[:upper:]]+)([[:upper:]][[:lower:]])', '\1 \2', 'g'))
$$;

-- Search vector of code: every identifier whole (folded), and split into its words.
CREATE FUNCTION code_index.document(code text) RETURNS tsvector
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
  SELECT to_tsvector('simple', regexp_replace(replace(code, '_', ''), '[^[:alnum:]]+', ' ', 'g'))
      || to_tsvector('simple', code_index.split(code))
$$;

-- Search query from what a person typed: every term must occur (or any, when match_any), whole or as the sequence of
-- its words; a term ending in * matches as a prefix. Null when there is no term in it.
CREATE FUNCTION code_index.query(typed text, match_any boolean DEFAULT false) RETURNS tsquery
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
  term   text;
  prefix text;
  words  text[];
  one    tsquery;
  answer tsquery;
BEGIN
  FOR term IN SELECT t FROM regexp_split_to_table(coalesce(typed, ''), '[^[:alnum:]_*]+') AS t LOOP
    prefix := CASE WHEN term LIKE '%*' THEN ':*' ELSE '' END;
    term := replace(term, '*', '');
    words := string_to_array(trim(code_index.split(term)), ' ');
    CONTINUE WHEN cardinality(words) = 0;
    one := to_tsquery('simple', code_index.fold(term) || prefix);
    IF cardinality(words) > 1 THEN
      one := one || to_tsquery('simple', array_to_string(words, ' <-> ') || prefix);
    END IF;
    answer := CASE
      WHEN answer IS NULL THEN one
      WHEN match_any THEN answer || one
      ELSE answer && one
    END;
  END LOOP;
  RETURN answer;
END
$$;

-- Lines first_line to last_line of a text, both included, counted from 1.
CREATE FUNCTION code_index.lines(content text, first_line integer, last_line integer) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 1000
AS $$ SELECT array_to_string((string_to_array(content, E'\n'))[first_line:last_line], E'\n') $$;
