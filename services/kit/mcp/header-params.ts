/** Headers that repeat what a request's body says: `Mcp-Name`, and arguments that a tool wants as `Mcp-Param-*` (SEP-2243). Pure. */

/** JSON-RPC error code of headers and body that disagree; HTTP 400. */
export const HEADER_MISMATCH = -32_020;

/** What an answer with {@link HEADER_MISMATCH} says; shape as the SDK's. */
export interface Mismatch { header: string; body: string }
export const mismatchText = ({ body }: Mismatch): string => `Bad Request: the request headers and body disagree: ${body}`;

export interface HeaderParam {
  path: readonly string[];
  /** In lower case: `mcp-param-region`. */
  header: string;
  type: string;
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const TYPES = new Set(["string", "integer", "boolean"]);
const DECIMAL = /^-?\d+(\.\d+)?$/;

/** Declarations of an input schema that hold; only chains of `properties` count. */
export function headerParamsOf(inputSchema: unknown, path: readonly string[] = []): HeaderParam[] {
  const properties = (inputSchema as { properties?: unknown } | null)?.properties;
  if (typeof properties !== "object" || properties === null) return [];
  return Object.entries(properties as Record<string, { "x-mcp-header"?: unknown; type?: unknown }>).flatMap(([key, schema]) => {
    const here = [...path, key];
    const name = schema?.["x-mcp-header"];
    const own = typeof name === "string" && TOKEN.test(name) && typeof schema.type === "string" && TYPES.has(schema.type) ? [{ path: here, header: `mcp-param-${name.toLowerCase()}`, type: schema.type }] : [];
    return [...own, ...headerParamsOf(schema, here)];
  });
}

/** Headers that the backend must see: made from the body, which is the truth. */
export function paramHeaders(params: readonly HeaderParam[], input: unknown): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const { path, header } of params) {
    const text = textOf(valueAt(input, path));
    if (text !== null) headers[header] = encodeHeader(text);
  }
  return headers;
}

/** What is wrong with the headers that the client sent; null when they say what the body says. */
export function wrongParamHeader(params: readonly HeaderParam[], input: unknown, headers: Readonly<Record<string, unknown>>): Mismatch | null {
  for (const { path, header, type } of params) {
    const value = valueAt(input, path);
    const text = textOf(value);
    if (text === null) continue;
    const sent = headers[header];
    const where = `arguments.${path.join(".")}`;
    if (typeof sent !== "string") return { header, body: `the body carries ${where}=${JSON.stringify(value)} but the ${header} header is absent` };
    const decoded = decodeHeader(sent);
    if (decoded === undefined) return { header, body: `the ${header} header carries an invalid Base64 sentinel value` };
    const same = type === "integer" && typeof value === "number" && DECIMAL.test(decoded) ? Number(decoded) === value : decoded === text;
    if (!same) return { header, body: `the ${header} header decodes to ${JSON.stringify(decoded)} but the body carries ${where}=${JSON.stringify(value)}` };
  }
  return null;
}

/** What a header says; undefined for a value that is marked as Base64 and is none. */
export function decodeHeader(value: string): string | undefined {
  const trimmed = value.replace(/^[\t ]+|[\t ]+$/g, "");
  const encoded = /^=\?base64\?(.*)\?=$/s.exec(trimmed)?.[1];
  if (encoded === undefined) return trimmed;
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(encoded)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(encoded, "base64"));
  } catch {
    return undefined;
  }
}

/** A value as a header may carry it: what is not visible ASCII, or would look like the mark itself, goes as Base64. */
export function encodeHeader(text: string): string {
  return /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(text) && !text.startsWith("=?base64?") ? text : `=?base64?${Buffer.from(text).toString("base64")}?=`;
}

function valueAt(root: unknown, path: readonly string[]): unknown {
  let node = root;
  for (const key of path) {
    if (typeof node !== "object" || node === null || !Object.hasOwn(node, key)) return undefined;
    node = (node as Record<string, unknown>)[key];
  }
  return node;
}

function textOf(value: unknown): string | null {
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return String(value);
  if (typeof value === "number" && Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value))) return String(value);
  return null;
}
