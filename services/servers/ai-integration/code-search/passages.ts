/** Passages that match a query, best first. */
import type { Deps } from "./deps.ts";
import { filterConditions, type Filters } from "./filters.ts";
import type { Position } from "./page-cursor.ts";
import { Parameters } from "./parameters.ts";
import { anyTermExpression, identifiers, queryExpression, type CodeQuery } from "./query-syntax.ts";

/** Passages that are ranked; of a query that matches more, those with the best text rank. */
export const RANKED = 1_000;

export interface SymbolHit {
  name: string;
  kind: string;
  line: number;
  scope: string | null;
}

export interface Passage {
  blobId: string;
  repository: string;
  revision: string | null;
  path: string;
  language: string;
  startLine: number;
  endLine: number;
  text: string;
  score: number;
  /** Passages ranked for this query. */
  ranked: number;
  /** The definition in it whose name answers the query best. */
  symbol: SymbolHit | null;
}

/** One more than `limit` where there are more. */
export async function findPassages({ query: run }: Deps, query: CodeQuery, filters: Filters, after: Position | null, limit: number): Promise<Passage[]> {
  const parameters = new Parameters();
  const names = `${parameters.add(identifiers(query))}::text[]`;
  // Definitions carry weight A in the vector; that their name is what was asked for, whole, only the symbols tell.
  const statement = `
    WITH asked AS MATERIALIZED (SELECT ${queryExpression(query, parameters)} AS whole, ${anyTermExpression(query, parameters)} AS part),
    matching AS (
      SELECT r.id AS repository_id, r.name AS repository, r.commit AS revision, f.path, b.id AS blob_id, b.language,
             c.start_line, c.end_line, ts_rank(c.search, asked.whole, 1) AS rank
        FROM asked JOIN code_index.chunks c ON c.search @@ asked.whole
        JOIN code_index.blobs b ON b.id = c.blob_id
        JOIN code_index.files f ON f.blob_id = b.id
        JOIN code_index.repositories r ON r.id = f.repository_id
       WHERE true${filterConditions(filters, parameters)}
       ORDER BY rank DESC, r.id, f.path, c.start_line LIMIT ${RANKED}),
    scored AS (
      SELECT m.*, named.symbol, round((m.rank + coalesce(named.boost, 0))::numeric, 6)::float8 AS score, (count(*) OVER ())::int AS ranked
        FROM matching m LEFT JOIN LATERAL (
          SELECT jsonb_build_object('name', s.name, 'kind', s.kind, 'line', s.line, 'scope', s.scope) AS symbol,
                 CASE WHEN s.folded = ANY (${names}) THEN 1 WHEN s.search @@ asked.whole THEN 0.5 ELSE 0.1 END AS boost
            FROM code_index.symbols s, asked
           WHERE s.blob_id = m.blob_id AND s.line BETWEEN m.start_line AND m.end_line AND s.search @@ asked.part
           ORDER BY boost DESC, s.line LIMIT 1) named ON true),
    page AS (SELECT * FROM scored WHERE ${afterCondition(after, parameters)} ${ORDER} LIMIT ${parameters.add(limit + 1)})
    SELECT blob_id AS "blobId", repository, revision, path, page.language, start_line AS "startLine", end_line AS "endLine", score, ranked, symbol,
           code_index.lines(b.content, start_line, end_line) AS text
      FROM page JOIN code_index.blobs b ON b.id = page.blob_id ${ORDER}`;
  return run<Passage>(statement, parameters.values);
}

/** Total, and the same under every collation. */
const ORDER = 'ORDER BY score DESC, repository COLLATE "C", path COLLATE "C", start_line';

function afterCondition(after: Position | null, parameters: Parameters): string {
  if (!after) return "true";
  const score = `${parameters.add(after.score)}::float8`;
  const place = [parameters.add(after.repository), parameters.add(after.path), parameters.add(after.line)];
  return `(score < ${score} OR (score = ${score} AND (repository COLLATE "C", path COLLATE "C", start_line) > (${place[0]}::text, ${place[1]}::text, ${place[2]}::int)))`;
}

/** The innermost definition around each place; null where there is none. */
export async function enclosingSymbols({ query: run }: Deps, places: readonly { blobId: string; line: number }[]): Promise<(SymbolHit | null)[]> {
  const rows = await run<{ n: number; symbol: SymbolHit }>(
    `SELECT place.n::int AS n, inner_most.symbol
       FROM unnest($1::bigint[], $2::int[]) WITH ORDINALITY AS place (blob_id, line, n)
       JOIN LATERAL (
         SELECT jsonb_build_object('name', s.name, 'kind', s.kind, 'line', s.line, 'scope', s.scope) AS symbol
           FROM code_index.symbols s
          WHERE s.blob_id = place.blob_id AND s.line <= place.line AND s.end_line >= place.line
          ORDER BY s.line DESC, s.ordinal DESC LIMIT 1) inner_most ON true`,
    [places.map(({ blobId }) => blobId), places.map(({ line }) => line)]);
  const byPlace = new Map(rows.map(({ n, symbol }) => [n, symbol]));
  return places.map((_, index) => byPlace.get(index + 1) ?? null);
}
