/** Bytes of a file → searchable text, or the reason why it has none. */

export type SkipReason = "binary" | "too_large" | "minified";

export type Decoded = { text: string; lines: string[] } | { skipped: SkipReason };

/** A line this long is machine-made, and no passage of it would help a reader. Characters. */
const LONGEST_LINE = 10_000;
/** The same by the average of a file worth the name. */
const AVERAGE_LINE = 300;
const AVERAGE_COUNTS_FROM_CHARS = 20_000;

/**
 * UTF-8 where it is valid, Latin-1 otherwise; `\n` line ends, no byte order mark.
 *
 * A zero byte anywhere makes it binary: git looks at the first 8000 only, but PostgreSQL's text cannot hold one at all.
 */
export function decode(bytes: Buffer, maxBytes: number): Decoded {
  if (bytes.length > maxBytes) return { skipped: "too_large" };
  if (bytes.includes(0)) return { skipped: "binary" };
  const text = toText(bytes).replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n");
  const lines = linesOf(text);
  const longest = lines.reduce((most, line) => Math.max(most, line.length), 0);
  const minified =
    longest > LONGEST_LINE || (text.length > AVERAGE_COUNTS_FROM_CHARS && text.length / lines.length > AVERAGE_LINE);
  return minified ? { skipped: "minified" } : { text, lines };
}

function toText(bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return bytes.toString("latin1");
  }
}

/** Lines as an editor counts them: a final line end does not open another. */
export function linesOf(text: string): string[] {
  if (text === "") return [];
  return (text.endsWith("\n") ? text.slice(0, -1) : text).split("\n");
}
