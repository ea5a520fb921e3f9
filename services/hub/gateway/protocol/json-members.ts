/**
 * Where the members of a JSON object stand in its text, so that one value can be exchanged and all others travel
 * byte for byte: numbers beyond 2^53 and the order of keys survive the gateway.
 */

/** `[from, to)` in the text. */
export type Span = readonly [from: number, to: number];

export interface Members {
  /** The object with its braces. */
  span: Span;
  values: ReadonlyMap<string, Span>;
  /** A key that occurs twice: what the text means depends on who reads it. Null where there is none. */
  duplicate: string | null;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const isSpace = (code: number): boolean => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;

/**
 * Members of the object that begins at `at`, spaces aside.
 *
 * @param text JSON that `JSON.parse` has taken
 * @returns null when what begins there is no object
 */
export function membersOf(text: string, at = 0): Members | null {
  const from = skipSpace(text, at);
  if (text[from] !== "{") return null;
  const values = new Map<string, Span>();
  let duplicate: string | null = null;
  let next = skipSpace(text, from + 1);
  while (text[next] !== "}") {
    const keyEnd = endOfString(text, next);
    const key = JSON.parse(text.slice(next, keyEnd)) as string;
    const valueFrom = skipSpace(text, skipSpace(text, keyEnd) + 1);
    const valueTo = endOfValue(text, valueFrom);
    if (values.has(key)) duplicate ??= key;
    values.set(key, [valueFrom, valueTo]);
    next = skipSpace(text, valueTo);
    if (text[next] === ",") next = skipSpace(text, next + 1);
  }
  return { span: [from, next + 1], values, duplicate };
}

/**
 * The object's text with some of its members exchanged or added.
 *
 * @param changes key → JSON text of its value
 */
export function withMembers(text: string, members: Members, changes: Readonly<Record<string, string>>): string {
  const edits = Object.entries(changes).flatMap(([key, json]) => {
    const span = members.values.get(key);
    return span ? [{ span, json }] : [];
  }).sort((a, b) => a.span[0] - b.span[0]);
  const added = Object.entries(changes).filter(([key]) => !members.values.has(key)).map(([key, json]) => `${JSON.stringify(key)}:${json}`);
  const [from, to] = members.span;
  let result = "";
  let at = from;
  for (const { span, json } of edits) {
    result += text.slice(at, span[0]) + json;
    at = span[1];
  }
  if (added.length === 0) return result + text.slice(at, to);
  return `${result}${text.slice(at, to - 1)}${members.values.size > 0 ? "," : ""}${added.join(",")}}`;
}

function skipSpace(text: string, at: number): number {
  let next = at;
  while (isSpace(text.charCodeAt(next))) next++;
  return next;
}

function endOfString(text: string, at: number): number {
  for (let end = text.indexOf('"', at + 1); ; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return end + 1;
  }
}

function endOfValue(text: string, at: number): number {
  const first = text.charCodeAt(at);
  if (first === QUOTE) return endOfString(text, at);
  let next = at;
  if (first !== 0x7b && first !== 0x5b) {
    while (next < text.length && !isSpace(text.charCodeAt(next)) && !",]}".includes(text[next]!)) next++;
    return next;
  }
  let depth = 0;
  for (;;) {
    const code = text.charCodeAt(next);
    if (code === QUOTE) {
      next = endOfString(text, next);
      continue;
    }
    if (code === 0x7b || code === 0x5b) depth++;
    else if ((code === 0x7d || code === 0x5d) && --depth === 0) return next + 1;
    next++;
  }
}
