/** The index in memory: what the real store promises, for tests of what stands on it. */
import type { BlobKey, ExtractedBlob } from "../extract/extract.ts";
import {
  blobKey, type IndexedFile, type IndexRun, type IndexStore, type IndexTotals, type RepositoryRecord, type RepositoryStatus, type StoredBlob, type TreeChange,
} from "../store/index-store.ts";

interface Repository { record: RepositoryRecord; files: IndexedFile[]; lastRun: Record<string, unknown> }

export class MemoryStore implements IndexStore {
  readonly blobs = new Map<string, ExtractedBlob & { id: string }>();
  readonly repositories = new Map<string, Repository>();
  /** Writes so far: blobs saved and trees committed. */
  writes = { blobs: 0, trees: 0 };

  async run<T>(name: string, _signal: AbortSignal, work: (run: IndexRun) => Promise<T>): Promise<T> {
    return work({
      before: this.repositories.get(name)?.record ?? null,
      knownBlobs: async (keys) => this.#known(keys),
      saveBlobs: async (blobs) => this.#save(blobs),
      commitTree: async (record, files, lastRun) => this.#commit(record, files, lastRun),
    });
  }

  async forget(name: string): Promise<number | null> {
    const files = this.repositories.get(name)?.files.length ?? null;
    this.repositories.delete(name);
    return files;
  }

  async status(name: string | null): Promise<RepositoryStatus[]> {
    return [...this.repositories.values()].filter(({ record }) => name === null || record.name === name).map(({ record, files, lastRun }) => ({
      ...record, files: files.length, searchableFiles: files.length, chunks: 0, symbols: 0, languages: {}, lastRun,
    }));
  }

  async totals(): Promise<IndexTotals> {
    return { repositories: this.repositories.size, blobs: this.blobs.size, chunks: 0, symbols: 0, bytes: 0 };
  }

  /** What a search would see of a repository: path → text, null for a skipped blob. */
  texts(name: string): Record<string, string | null> {
    const byId = new Map([...this.blobs.values()].map((blob) => [blob.id, blob]));
    return Object.fromEntries(this.repositories.get(name)!.files.map(({ path, blobId }) => {
      const blob = byId.get(blobId)!;
      return [path, blob.skipped === null ? blob.content : null];
    }));
  }

  #known(keys: readonly BlobKey[]): Map<string, StoredBlob> {
    return new Map(keys.flatMap((key) => {
      const blob = this.blobs.get(blobKey(key));
      return blob ? [[blobKey(key), { id: blob.id, skipped: blob.skipped }] as const] : [];
    }));
  }

  #save(blobs: readonly ExtractedBlob[]): Map<string, string> {
    this.writes.blobs += blobs.length;
    return new Map(blobs.map((blob) => {
      const id = this.blobs.get(blobKey(blob))?.id ?? String(this.blobs.size + 1);
      this.blobs.set(blobKey(blob), { ...blob, id });
      return [blobKey(blob), id];
    }));
  }

  #commit(record: Omit<RepositoryRecord, "indexedAt">, files: readonly IndexedFile[], lastRun: Record<string, unknown>): TreeChange {
    this.writes.trees++;
    const before = new Map((this.repositories.get(record.name)?.files ?? []).map(({ path, blobId }) => [path, blobId]));
    const now = new Set(files.map(({ path }) => path));
    this.repositories.set(record.name, { record: { ...record, indexedAt: new Date().toISOString() }, files: [...files], lastRun });
    return {
      added: files.filter(({ path }) => !before.has(path)).length,
      changed: files.filter(({ path, blobId }) => before.has(path) && before.get(path) !== blobId).length,
      removed: [...before.keys()].filter((path) => !now.has(path)).length,
    };
  }
}
