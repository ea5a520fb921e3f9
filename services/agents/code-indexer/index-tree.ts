/** Brings a repository's part of the index in line with a source tree: only what is not stored yet is read and parsed. */
import { PermanentError } from "../../kit/errors.ts";
import type { Tagger } from "./extract/ctags.ts";
import { blobSha1, extract, type BlobKey, type ExtractedBlob } from "./extract/extract.ts";
import { languageOf } from "./extract/languages.ts";
import type { SkipReason } from "./extract/text.ts";
import { isSelected } from "./source/git-url.ts";
import { count } from "./source/listing.ts";
import type { Passed, Source, SourceFile } from "./source/source.ts";
import { blobKey, type IndexRun, type RepositoryRecord, type StoredBlob } from "./store/index-store.ts";
import { treeDigest } from "./store/tree-digest.ts";

export interface IndexTools {
  tagger: Tagger;
  maxFileBytes: number;
  maxFiles: number;
  signal: AbortSignal;
  progress(fraction: number, note: string): void;
}

export interface IndexCounts {
  /** The tree, its commit and what was asked for are those of the run before: nothing was written. */
  unchanged: boolean;
  /** `total` = `indexed` + `reused`; `added`, `changed` and `removed` are against the run before. */
  files: { total: number; indexed: number; reused: number; added: number; changed: number; removed: number };
  /** Files without searchable text, by reason; those that are in the tree count in `files` too. */
  skipped: Partial<Record<SkipReason | Passed, number>>;
  /** Written by this run. */
  chunks: number;
  symbols: number;
  /** Files whose symbols are missing, because the parser gave up on them. */
  unparsed: number;
}

/** A batch is one transaction: it ends with this many blobs or bytes. */
const BATCH = { blobs: 200, bytes: 4 * 2 ** 20 };

const keyOf = (file: SourceFile): BlobKey => ({ sha1: file.sha1, language: languageOf(file.path).name });

/** @param target what the record is to say; the tree's digest is added */
export async function indexTree(
  source: Source, run: IndexRun, target: Omit<RepositoryRecord, "tree" | "indexedAt">, tools: IndexTools,
): Promise<IndexCounts> {
  const selected = source.files.filter((file) => isSelected(file.path, target.paths));
  if (selected.length > tools.maxFiles) {
    throw new PermanentError(`The tree has ${selected.length} files, the limit is ${tools.maxFiles}. Restrict it with paths, or raise CODE_INDEXER_MAX_FILES.`);
  }
  tools.progress(0.05, `${selected.length} files listed`);
  const stored = await run.knownBlobs(selected.map(keyOf));
  const wasStored = new Set(stored.keys());
  const made = await storeMissing(source, run, selected, stored, tools);

  const { files } = made;
  const tree = treeDigest(files);
  const record = { ...target, tree };
  const indexed = files.filter((file) => !wasStored.has(blobKey(keyOf(file)))).length;
  const skipped: IndexCounts["skipped"] = { ...source.passed };
  if (made.gone > 0) count(skipped, "unreadable", made.gone);
  for (const file of files) {
    const reason = stored.get(blobKey(keyOf(file)))!.skipped;
    if (reason !== null) count(skipped, reason);
  }
  const counts = { skipped, chunks: made.chunks, symbols: made.symbols, unparsed: made.unparsed };
  const totals = { total: files.length, indexed, reused: files.length - indexed };
  if (indexed === 0 && run.before !== null && sameRecord(run.before, record)) {
    return { unchanged: true, files: { ...totals, added: 0, changed: 0, removed: 0 }, ...counts };
  }
  tools.progress(0.95, "switching to the new tree");
  tools.signal.throwIfAborted();
  const change = await run.commitTree(
    record, files.map((file) => ({ path: file.path, blobId: stored.get(blobKey(keyOf(file)))!.id })), { files: totals, ...counts });
  return { unchanged: false, files: { ...totals, ...change }, ...counts };
}

interface Made {
  /** Files as they were read. */
  files: SourceFile[];
  gone: number;
  chunks: number;
  symbols: number;
  unparsed: number;
}

/** Adds to `stored` what the files need and it does not hold. */
async function storeMissing(
  source: Source, run: IndexRun, files: readonly SourceFile[], stored: Map<string, StoredBlob>, tools: IndexTools,
): Promise<Made> {
  const made: Made = { files: [], gone: 0, chunks: 0, symbols: 0, unparsed: 0 };
  let batch = new Map<string, ExtractedBlob>();
  let batchBytes = 0;
  const flush = async (): Promise<void> => {
    if (batch.size === 0) return;
    const ids = await run.saveBlobs([...batch.values()]);
    for (const [key, blob] of batch) stored.set(key, { id: ids.get(key)!, skipped: blob.skipped });
    [batch, batchBytes] = [new Map(), 0];
  };
  for (const [index, listed] of files.entries()) {
    tools.signal.throwIfAborted();
    const has = (file: SourceFile): boolean => stored.has(blobKey(keyOf(file))) || batch.has(blobKey(keyOf(file)));
    const read = has(listed) ? { file: listed } : await readBlob(source, listed, tools);
    if (read === null) {
      made.gone++;
      continue;
    }
    made.files.push(read.file);
    if (read.blob === undefined || has(read.file)) continue;
    batch.set(blobKey(read.blob), read.blob);
    batchBytes += read.blob.sizeBytes;
    if (read.blob.skipped === null) {
      made.chunks += read.blob.chunks.length;
      made.symbols += read.blob.symbols.length;
      if (!read.blob.parsed) made.unparsed++;
    }
    if (batch.size >= BATCH.blobs || batchBytes >= BATCH.bytes) {
      await flush();
      tools.progress(0.05 + (0.9 * (index + 1)) / files.length, `${index + 1} of ${files.length} files`);
    }
  }
  await flush();
  return made;
}

/** @returns the file under the name of what was read, which is another than listed when it was written meanwhile */
async function readBlob(source: Source, listed: SourceFile, tools: IndexTools): Promise<{ file: SourceFile; blob?: ExtractedBlob } | null> {
  const language = languageOf(listed.path);
  if (listed.sizeBytes > tools.maxFileBytes) {
    return { file: listed, blob: { ...keyOf(listed), sizeBytes: listed.sizeBytes, skipped: "too_large" } };
  }
  const bytes = await source.read(listed);
  if (bytes === null) return null;
  const file = { ...listed, sha1: blobSha1(bytes), sizeBytes: bytes.length };
  return { file, blob: await extract(keyOf(file), language, bytes, tools.maxFileBytes, tools.tagger) };
}

function sameRecord(before: RepositoryRecord, after: Omit<RepositoryRecord, "indexedAt">): boolean {
  const { source, requested, commit, paths, tree } = after;
  return before.source === source && before.requested === requested && before.commit === commit && before.tree === tree
    && before.paths.join("\0") === paths.join("\0");
}
