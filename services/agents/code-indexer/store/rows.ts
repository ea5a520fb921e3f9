/** Extracted blobs as columns for `unnest`: one statement a table, whatever the number of rows. */
import { CHUNK_WORDS_LIMIT } from "./limits.ts";
import { EXTRACTOR_VERSION, type ExtractedBlob } from "../extract/extract.ts";
import { linesOf } from "../extract/text.ts";

export interface BlobColumns {
  sha1: string[];
  language: string[];
  extractor: number[];
  sizeBytes: number[];
  lineCount: number[];
  skipped: (string | null)[];
  content: (string | null)[];
}

export function blobColumns(blobs: readonly ExtractedBlob[]): BlobColumns {
  return {
    sha1: blobs.map((blob) => blob.sha1),
    language: blobs.map((blob) => blob.language),
    extractor: blobs.map(() => EXTRACTOR_VERSION),
    sizeBytes: blobs.map((blob) => blob.sizeBytes),
    lineCount: blobs.map((blob) => (blob.skipped === null ? blob.lineCount : 0)),
    skipped: blobs.map((blob) => blob.skipped),
    content: blobs.map((blob) => (blob.skipped === null ? blob.content : null)),
  };
}

export interface ChunkColumns {
  blobId: string[];
  ordinal: number[];
  startLine: number[];
  endLine: number[];
  /** Names of the symbols defined in it. */
  defines: string[];
  text: string[];
}

export function chunkColumns(blobs: readonly ExtractedBlob[], idOf: (blob: ExtractedBlob) => string): ChunkColumns {
  const columns: ChunkColumns = { blobId: [], ordinal: [], startLine: [], endLine: [], defines: [], text: [] };
  for (const blob of blobs) {
    if (blob.skipped !== null) continue;
    const lines = linesOf(blob.content);
    blob.chunks.forEach(({ startLine, endLine }, ordinal) => {
      columns.blobId.push(idOf(blob));
      columns.ordinal.push(ordinal);
      columns.startLine.push(startLine);
      columns.endLine.push(endLine);
      columns.defines.push(blob.symbols.filter(({ line }) => line >= startLine && line <= endLine).map(({ name }) => name).join(" "));
      columns.text.push(lines.slice(startLine - 1, endLine).join("\n").slice(0, CHUNK_WORDS_LIMIT));
    });
  }
  return columns;
}

export interface SymbolColumns {
  blobId: string[];
  ordinal: number[];
  name: string[];
  kind: string[];
  line: number[];
  endLine: (number | null)[];
  scope: (string | null)[];
  signature: string[];
}

export function symbolColumns(blobs: readonly ExtractedBlob[], idOf: (blob: ExtractedBlob) => string): SymbolColumns {
  const columns: SymbolColumns = { blobId: [], ordinal: [], name: [], kind: [], line: [], endLine: [], scope: [], signature: [] };
  for (const blob of blobs) {
    if (blob.skipped !== null) continue;
    blob.symbols.forEach((symbol, ordinal) => {
      columns.blobId.push(idOf(blob));
      columns.ordinal.push(ordinal);
      columns.name.push(symbol.name);
      columns.kind.push(symbol.kind);
      columns.line.push(symbol.line);
      columns.endLine.push(symbol.endLine);
      columns.scope.push(symbol.scope);
      columns.signature.push(symbol.signature);
    });
  }
  return columns;
}
