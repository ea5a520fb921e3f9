/** Artifacts by the hash of their content. */
import type { Pool, PoolClient } from "pg";
import { canonicalJson, contentHash } from "./canonical-json.ts";

export interface NewArtifact {
  /** SHA-256 of `content`: it names the artifact. */
  hash: string;
  /** What made it: `solidity`, `typescript`. */
  kind: string;
  /** Canonical JSON. */
  content: string;
}

export interface StoredArtifact extends NewArtifact {
  sizeBytes: number;
  /** RFC 3339. */
  createdAt: string;
  /** Task that stored it first. */
  taskId: string;
}

/** Names content: equal content has the same hash, whoever made it. */
export function artifactOf(kind: string, value: unknown): NewArtifact {
  const content = canonicalJson(value);
  return { hash: contentHash(content), kind, content };
}

export interface ArtifactStore {
  /** @returns false when the store had it already */
  put(tx: PoolClient, artifact: NewArtifact, taskId: string): Promise<boolean>;
  get(hash: string): Promise<StoredArtifact | null>;
}

/** Schema `artifacts`. */
export class PostgresArtifacts implements ArtifactStore {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  async put(tx: PoolClient, { hash, kind, content }: NewArtifact, taskId: string): Promise<boolean> {
    const { rowCount } = await tx.query(
      `INSERT INTO artifacts.artifacts (hash, kind, content, size_bytes, task_id)
       VALUES ($1, $2, $3, octet_length($3::text), $4) ON CONFLICT (hash) DO NOTHING`, [hash, kind, content, taskId]);
    return rowCount === 1;
  }

  async get(hash: string): Promise<StoredArtifact | null> {
    const { rows } = await this.#pool.query<Omit<StoredArtifact, "createdAt"> & { createdAt: Date }>(
      `SELECT hash, kind, content, size_bytes AS "sizeBytes", created_at AS "createdAt", task_id AS "taskId"
         FROM artifacts.artifacts WHERE hash = $1`, [hash]);
    const row = rows[0];
    return row ? { ...row, createdAt: row.createdAt.toISOString() } : null;
  }
}
