/** Cuts a file into passages that are worth showing as a search result. Lines are counted from 1. */

export interface Chunk {
  startLine: number;
  /** Included. */
  endLine: number;
}

export interface ChunkSizes {
  min: number;
  target: number;
  max: number;
  /** Lines repeated by the next chunk where no natural boundary was found. */
  overlap: number;
}

export const CHUNK_SIZES: ChunkSizes = { min: 25, target: 60, max: 90, overlap: 10 };

/** A line where a definition begins. */
export interface Boundary {
  line: number;
  /** Not inside another definition: the better place to cut. */
  topLevel: boolean;
}

const COMMENT_OR_DECORATOR = /^\s*(\/\/|\/\*|\*|#|--|@|"""|;)/;

/**
 * Chunks cover every line. A cut lies before a definition (with its leading comment) where there is one between `min`
 * and `max` lines, top-level ones first and the nearest to `target`; else after a blank line; else after `target`
 * lines, and then the next chunk repeats the last `overlap` lines.
 */
export function chunkLines(lines: readonly string[], boundaries: readonly Boundary[], sizes: ChunkSizes = CHUNK_SIZES): Chunk[] {
  const ranks = rankCuts(lines, boundaries);
  const chunks: Chunk[] = [];
  let start = 1;
  while (lines.length - start + 1 > sizes.max) {
    const cut = bestCut(ranks, start, sizes);
    chunks.push({ startLine: start, endLine: (cut ?? start + sizes.target) - 1 });
    start = cut ?? start + sizes.target - sizes.overlap;
  }
  if (lines.length >= start) chunks.push({ startLine: start, endLine: lines.length });
  return chunks;
}

/** Line that would start a chunk → how good a start it is: 3 a top-level definition, 2 another, 1 text after a blank line. */
function rankCuts(lines: readonly string[], boundaries: readonly Boundary[]): Map<number, number> {
  const ranks = new Map<number, number>();
  lines.forEach((line, index) => {
    if (index > 0 && line.trim() !== "" && lines[index - 1]!.trim() === "") ranks.set(index + 1, 1);
  });
  for (const boundary of boundaries) {
    const line = withLeadingComment(lines, boundary.line);
    ranks.set(line, Math.max(ranks.get(line) ?? 0, boundary.topLevel ? 3 : 2));
  }
  return ranks;
}

function withLeadingComment(lines: readonly string[], line: number): number {
  while (line > 1 && COMMENT_OR_DECORATOR.test(lines[line - 2]!)) line--;
  return line;
}

function bestCut(ranks: ReadonlyMap<number, number>, start: number, { min, target, max }: ChunkSizes): number | null {
  let best: number | null = null;
  let bestScore = 0;
  for (let line = start + min; line <= start + max; line++) {
    const rank = ranks.get(line);
    if (rank === undefined) continue;
    const score = rank - Math.abs(line - (start + target)) / (max + 1);
    if (best === null || score > bestScore) [best, bestScore] = [line, score];
  }
  return best;
}
