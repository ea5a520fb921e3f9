/** One run's reads and writes, all over the connection that holds the repository's lock. */
import type { PoolClient } from "pg";
import { inTransaction } from "../../shared/transaction.ts";
import { EXTRACTOR_VERSION, type BlobKey, type ExtractedBlob } from "../extract/extract.ts";
import { blobKey, type IndexedFile, type IndexRun, type RepositoryRecord, type StoredBlob, type TreeChange } from "./index-store.ts";
import { blobColumns, chunkColumns, symbolColumns } from "./rows.ts";

export async function readRecord(client: PoolClient, name: string): Promise<RepositoryRecord | null> {
  const { rows } = await client.query<Omit<RepositoryRecord, "indexedAt"> & { indexedAt: Date | null }>(
    `SELECT name, source, requested, commit, paths, tree, indexed_at AS "indexedAt" FROM code_index.repositories WHERE name = $1`, [name]);
  const row = rows[0];
  return row ? { ...row, indexedAt: row.indexedAt?.toISOString() ?? null } : null;
}

export class PostgresRun implements IndexRun {
  readonly before: RepositoryRecord | null;
  readonly #client: PoolClient;

  constructor(client: PoolClient, before: RepositoryRecord | null) {
    this.#client = client;
    this.before = before;
  }

  async knownBlobs(keys: readonly BlobKey[]): Promise<Map<string, StoredBlob>> {
    const { rows } = await this.#client.query<BlobKey & StoredBlob>(
      `SELECT b.id, b.sha1, b.language, b.skipped FROM code_index.blobs b
         JOIN unnest($1::text[], $2::text[]) AS wanted (sha1, language) USING (sha1, language)
        WHERE b.extractor = $3`,
      [keys.map(({ sha1 }) => sha1), keys.map(({ language }) => language), EXTRACTOR_VERSION]);
    return new Map(rows.map((row) => [blobKey(row), { id: row.id, skipped: row.skipped }]));
  }

  async saveBlobs(blobs: readonly ExtractedBlob[]): Promise<Map<string, string>> {
    // Two runs that store the same blobs take them in the same order, so that neither waits for the other in a circle.
    const ordered = blobs.toSorted((a, b) => (blobKey(a) < blobKey(b) ? -1 : 1));
    return inTransaction(this.#client, async () => {
      const blob = blobColumns(ordered);
      const { rows } = await this.#client.query<BlobKey & { id: string }>(
        `INSERT INTO code_index.blobs (sha1, language, extractor, size_bytes, line_count, skipped, content)
         SELECT * FROM unnest($1::text[], $2::text[], $3::int[], $4::bigint[], $5::int[], $6::text[], $7::text[])
         ON CONFLICT (sha1, language) DO UPDATE SET extractor = excluded.extractor, line_count = excluded.line_count,
           skipped = excluded.skipped, content = excluded.content
         RETURNING id, sha1, language`,
        [blob.sha1, blob.language, blob.extractor, blob.sizeBytes, blob.lineCount, blob.skipped, blob.content]);
      const ids = new Map(rows.map((row) => [blobKey(row), row.id]));
      await this.#saveContents(ordered, ids);
      return ids;
    });
  }

  async #saveContents(blobs: readonly ExtractedBlob[], ids: ReadonlyMap<string, string>): Promise<void> {
    const idOf = (blob: ExtractedBlob): string => ids.get(blobKey(blob))!;
    // What an older extractor, or a run of another repository at the same time, made of them.
    await this.#client.query("DELETE FROM code_index.chunks WHERE blob_id = ANY ($1::bigint[])", [[...ids.values()]]);
    await this.#client.query("DELETE FROM code_index.symbols WHERE blob_id = ANY ($1::bigint[])", [[...ids.values()]]);
    const chunk = chunkColumns(blobs, idOf);
    await this.#client.query(
      `INSERT INTO code_index.chunks (blob_id, ordinal, start_line, end_line, search)
       SELECT blob_id, ordinal, start_line, end_line,
              setweight(code_index.document(defines), 'A') || setweight(code_index.document(body), 'D')
         FROM unnest($1::bigint[], $2::int[], $3::int[], $4::int[], $5::text[], $6::text[])
           AS c (blob_id, ordinal, start_line, end_line, defines, body)`,
      [chunk.blobId, chunk.ordinal, chunk.startLine, chunk.endLine, chunk.defines, chunk.text]);
    const symbol = symbolColumns(blobs, idOf);
    await this.#client.query(
      `INSERT INTO code_index.symbols (blob_id, ordinal, name, folded, kind, line, end_line, scope, signature, search)
       SELECT blob_id, ordinal, name, code_index.fold(name), kind, line, end_line, scope, signature, code_index.document(name)
         FROM unnest($1::bigint[], $2::int[], $3::text[], $4::text[], $5::int[], $6::int[], $7::text[], $8::text[])
           AS s (blob_id, ordinal, name, kind, line, end_line, scope, signature)`,
      [symbol.blobId, symbol.ordinal, symbol.name, symbol.kind, symbol.line, symbol.endLine, symbol.scope, symbol.signature]);
  }

  async commitTree(record: Omit<RepositoryRecord, "indexedAt">, files: readonly IndexedFile[], lastRun: Record<string, unknown>): Promise<TreeChange> {
    return inTransaction(this.#client, async () => {
      const repository = await this.#client.query<{ id: string }>(
        `INSERT INTO code_index.repositories (name, source, requested, commit, paths, tree, last_run, indexed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, now())
         ON CONFLICT (name) DO UPDATE SET source = excluded.source, requested = excluded.requested, commit = excluded.commit,
           paths = excluded.paths, tree = excluded.tree, last_run = excluded.last_run, indexed_at = excluded.indexed_at
         RETURNING id`,
        [record.name, record.source, record.requested, record.commit, record.paths, record.tree, lastRun]);
      const id = repository.rows[0]!.id;
      const paths = files.map(({ path }) => path);
      const removed = await this.#client.query("DELETE FROM code_index.files WHERE repository_id = $1 AND path <> ALL ($2::text[])", [id, paths]);
      const written = await this.#client.query<{ added: boolean }>(
        `INSERT INTO code_index.files AS f (repository_id, path, blob_id)
         SELECT $1, path, blob_id FROM unnest($2::text[], $3::bigint[]) AS n (path, blob_id)
         ON CONFLICT (repository_id, path) DO UPDATE SET blob_id = excluded.blob_id WHERE f.blob_id <> excluded.blob_id
         RETURNING (xmax = 0) AS added`,
        [id, paths, files.map(({ blobId }) => blobId)]);
      const added = written.rows.filter((row) => row.added).length;
      return { added, changed: written.rows.length - added, removed: removed.rowCount ?? 0 };
    });
  }
}
