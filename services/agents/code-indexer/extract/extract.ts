/** Everything the index keeps of one blob. */
import { createHash } from "node:crypto";
import { chunkLines, type Chunk } from "./chunks.ts";
import type { Tagger } from "./ctags.ts";
import type { Language } from "./languages.ts";
import { symbolsOf, type CodeSymbol } from "./symbols.ts";
import { decode, type SkipReason } from "./text.ts";

/** Raise it when chunks or symbols of the same bytes come out differently: stored blobs of an older version are made anew. */
export const EXTRACTOR_VERSION = 1;

export interface BlobKey {
  sha1: string;
  language: string;
}

export type ExtractedBlob = BlobKey & { sizeBytes: number } & (
    | { skipped: SkipReason }
    | { skipped: null; content: string; lineCount: number; chunks: Chunk[]; symbols: CodeSymbol[]; parsed: boolean }
  );

/** Git's object name of a blob. */
export function blobSha1(bytes: Buffer): string {
  return createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
}

/** `parsed` is false where ctags gave up: the text is searchable, its symbols are missing. */
export async function extract(key: BlobKey, language: Language, bytes: Buffer, maxBytes: number, tagger: Tagger): Promise<ExtractedBlob> {
  const decoded = decode(bytes, maxBytes);
  if ("skipped" in decoded) return { ...key, sizeBytes: bytes.length, skipped: decoded.skipped };
  const { text, lines } = decoded;
  const tags = language.ctagsFile === null ? [] : await tagger.tags(language.ctagsFile, text);
  const symbols = symbolsOf(tags ?? [], lines, language.name);
  return {
    ...key,
    sizeBytes: bytes.length,
    skipped: null,
    content: text,
    lineCount: lines.length,
    chunks: chunkLines(lines, symbols.map((symbol) => ({ line: symbol.line, topLevel: symbol.scope === null }))),
    symbols,
    parsed: tags !== null,
  };
}
