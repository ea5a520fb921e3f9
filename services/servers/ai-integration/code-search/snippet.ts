/** The lines of a passage that show best why it was found. */

export interface Snippet {
  /** Lines of the file, both included. */
  startLine: number;
  endLine: number;
  text: string;
  /** Line of the file that the snippet is about. */
  focusLine: number;
}

/** Letters and digits only: `parse_header`, `parseHeader` and `parse header` read the same. */
const compact = (line: string): string => line.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "");

/**
 * The window that holds the most of the identifiers, then the most occurrences; the first among equals.
 *
 * @param passage text that begins at line `firstLine` of its file
 * @param identifiers folded
 * @param definedAt line of a definition that answers the search, which the window must hold
 */
export function snippetOf(passage: string, firstLine: number, identifiers: readonly string[], size: number, definedAt: number | null): Snippet {
  const lines = passage.split("\n");
  const found = lines.map((line) => {
    const text = compact(line);
    return identifiers.filter((identifier) => text.includes(identifier));
  });
  const length = Math.min(size, lines.length);
  const pinned = definedAt === null ? null : definedAt - firstLine;
  let best = { start: 0, value: -1 };
  for (let start = 0; start + length <= lines.length; start++) {
    if (pinned !== null && (pinned < start || pinned >= start + length)) continue;
    const held = found.slice(start, start + length).flat();
    const value = new Set(held).size * (size * identifiers.length + 1) + held.length;
    if (value > best.value) best = { start, value };
  }
  const start = withContext(best.start, found, pinned, length, lines.length);
  const richest = found.slice(start, start + length).reduce((top, line, index, all) => (line.length > all[top]!.length ? index : top), 0);
  return {
    startLine: firstLine + start,
    endLine: firstLine + start + length - 1,
    text: lines.slice(start, start + length).join("\n"),
    focusLine: definedAt ?? firstLine + start + richest,
  };
}

/** The first such window ends where the last hit is: moved on as far as it keeps its first hit, less two lines before that. */
function withContext(start: number, found: readonly string[][], pinned: number | null, length: number, total: number): number {
  const hit = found.findIndex((line, index) => index >= start && (line.length > 0 || index === pinned));
  return Math.max(start, Math.min(hit - 2, total - length));
}
