/** What the indexer needs of its store. */
import type { BlobKey, ExtractedBlob } from "../extract/extract.ts";
import type { SkipReason } from "../extract/text.ts";

export interface RepositoryRecord {
  name: string;
  source: string;
  requested: string | null;
  commit: string | null;
  paths: string[];
  /** Digest of the indexed tree; null before a first run has ended. */
  tree: string | null;
  /** RFC 3339. */
  indexedAt: string | null;
}

export interface IndexedFile {
  path: string;
  blobId: string;
}

export interface StoredBlob {
  id: string;
  skipped: SkipReason | null;
}

export interface TreeChange {
  added: number;
  changed: number;
  removed: number;
}

export interface RepositoryStatus extends RepositoryRecord {
  files: number;
  searchableFiles: number;
  chunks: number;
  symbols: number;
  languages: Record<string, number>;
  lastRun: Record<string, unknown> | null;
}

export interface IndexTotals {
  repositories: number;
  blobs: number;
  chunks: number;
  symbols: number;
  /** Size of the schema on disk, indexes included. */
  bytes: number;
}

export const blobKey = ({ sha1, language }: BlobKey): string => `${sha1} ${language}`;

/** One run over one repository; no other run of the same repository is in progress meanwhile. */
export interface IndexRun {
  /** The record as an earlier run left it; null for a new name. */
  readonly before: RepositoryRecord | null;
  /** By {@link blobKey}, those blobs that are stored as this version of the extractor makes them. */
  knownBlobs(keys: readonly BlobKey[]): Promise<Map<string, StoredBlob>>;
  /** Stores blobs with their chunks and symbols in one transaction; ids by {@link blobKey}. */
  saveBlobs(blobs: readonly ExtractedBlob[]): Promise<Map<string, string>>;
  /** Makes `files` the repository's files, in one transaction: readers see the old tree or the new one. */
  commitTree(record: Omit<RepositoryRecord, "indexedAt">, files: readonly IndexedFile[], lastRun: Record<string, unknown>): Promise<TreeChange>;
}

export interface IndexStore {
  /**
   * Waits until no other run of `name` is in progress.
   *
   * @throws the signal's reason when it fires while waiting
   */
  run<T>(name: string, signal: AbortSignal, work: (run: IndexRun) => Promise<T>): Promise<T>;
  /** @returns files that were forgotten; null when there is no such repository */
  forget(name: string, signal: AbortSignal): Promise<number | null>;
  /** All repositories, or the one of that name. */
  status(name: string | null): Promise<RepositoryStatus[]>;
  totals(): Promise<IndexTotals>;
}
