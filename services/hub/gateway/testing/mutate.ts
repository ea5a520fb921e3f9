/** Requests as nobody should send them, from a seed: bodies, headers, framing and connections gone wrong. Pure. */
import { META } from "./gateway-rig.ts";

/** Numbers in [0, 1) from a seed; the same each time (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export interface Mutant {
  bytes: Buffer;
  /** What the client does with the connection after it has sent them. */
  then: "read" | "half-close" | "vanish";
}

type Random = () => number;
const pick = <T>(random: Random, items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
const times = (random: Random, most: number): number => 1 + Math.floor(random() * most);

const STRANGE: readonly unknown[] = [
  null, true, 0, -1, 1e308, 2 ** 53, "", " ", "\u0000", "\ud800", "../../etc/passwd", "toolbox.write_it\u0000", "x".repeat(5_000), [], {}, [[[[[[]]]]]], { __proto__: null }, { toString: 1 },
  "toolbox.read_it", "find_tools", "call_tool", "constructor", "__proto__", "hasOwnProperty", "=?base64?AAAA?=", "2026-07-28", "1999-01-01", -32_700,
];

const meta = (): object => structuredClone(META);
const BASES: readonly (() => Record<string, unknown>)[] = [
  () => ({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "toolbox.read_it", arguments: { a: [1, { b: "c" }] }, _meta: meta() } }),
  () => ({ jsonrpc: "2.0", id: "x", method: "tools/call", params: { name: "call_tool", arguments: { name: "toolbox.write_it", arguments: {} }, _meta: meta() } }),
  () => ({ jsonrpc: "2.0", id: 2, method: "tools/call", params: { name: "toolbox.read_it", inputResponses: {}, requestState: "s1.AAAA", _meta: meta() } }),
  () => ({ jsonrpc: "2.0", id: 3, method: "tools/list", params: { _meta: meta() } }),
  () => ({ jsonrpc: "2.0", id: 4, method: "resources/read", params: { uri: "chain://block/7", _meta: meta() } }),
  () => ({ jsonrpc: "2.0", id: 5, method: "prompts/get", params: { name: "toolbox.plan", _meta: meta() } }),
  () => ({ jsonrpc: "2.0", id: 6, method: "completion/complete", params: { ref: { type: "ref/prompt", name: "toolbox.plan" }, argument: { name: "a", value: "b" }, _meta: meta() } }),
  () => ({ jsonrpc: "2.0", id: 7, method: "subscriptions/listen", params: { notifications: {}, _meta: meta() } }),
  () => ({ jsonrpc: "2.0", id: 8, method: "initialize", params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "x", version: "1" } } }),
  () => ({ jsonrpc: "2.0", id: 9, method: "tools/call", params: { name: "toolbox.read_it", arguments: {} } }),
  () => ({ jsonrpc: "2.0", id: 10, method: "logging/setLevel", params: { level: "debug" } }),
  () => ({ jsonrpc: "2.0", method: "notifications/initialized" }),
];

/** @param authorization header value of a good token, which some mutants keep */
export function mutantOf(random: Random, authorization: string): Mutant {
  const message = pick(random, BASES)();
  const legacy = !JSON.stringify(message).includes("io.modelcontextprotocol");
  const params = (message["params"] ?? {}) as Record<string, unknown>;
  const name = params["name"] ?? params["uri"];
  let headers: [string, string][] = [
    ["Host", "localhost"], ["Authorization", authorization], ["Content-Type", "application/json"], ["Accept", "application/json, text/event-stream"],
    ["MCP-Protocol-Version", legacy ? "2025-11-25" : "2026-07-28"], ["Mcp-Method", String(message["method"])], ...(typeof name === "string" ? [["Mcp-Name", name] as [string, string]] : []),
  ];
  for (let n = times(random, 2); random() < 0.6 && n > 0; n--) changeValue(random, message);
  let body: Buffer = Buffer.from(JSON.stringify(message));
  if (random() < 0.35) body = changeBytes(random, body);
  if (random() < 0.5) headers = changeHeaders(random, headers);
  return { bytes: framed(random, headers, body), then: random() < 0.9 ? "read" : pick(random, ["half-close", "vanish"]) };
}

/** A value somewhere in the message becomes another, goes, or comes. */
function changeValue(random: Random, node: Record<string, unknown> | unknown[]): void {
  const keys = Object.keys(node);
  const key = keys.length === 0 || random() < 0.1 ? JSON.stringify(pick(random, STRANGE)) : pick(random, keys);
  // Never what it inherits: that is everybody's.
  const value = Object.hasOwn(node, key) ? (node as Record<string, unknown>)[key] : undefined;
  if (typeof value === "object" && value !== null && random() < 0.7) return changeValue(random, value as Record<string, unknown>);
  if (random() < 0.15 && !Array.isArray(node)) delete node[key];
  else Object.defineProperty(node, key, { value: structuredClone(pick(random, STRANGE)), enumerable: true, configurable: true, writable: true });
}

function changeBytes(random: Random, body: Buffer): Buffer {
  const at = Math.floor(random() * body.length);
  switch (Math.floor(random() * 8)) {
    case 6: {
      const depth = times(random, 50_000);
      return Buffer.from(body.toString().replace(/"arguments":\{/, (found) => `${found}"deep":${"[".repeat(depth)}${"]".repeat(depth)},`));
    }
    case 0: return body.subarray(0, at);
    case 1: return Buffer.concat([body.subarray(0, at), Buffer.from([Math.floor(random() * 256)]), body.subarray(at + 1)]);
    case 2: return Buffer.concat([body.subarray(0, at), body.subarray(Math.floor(random() * at)), body.subarray(at)]);
    case 3: return Buffer.from("[".repeat(times(random, 50_000)));
    case 4: return Buffer.from(`{"a":`.repeat(times(random, 5_000)));
    case 5: return Buffer.from(body.toString().replace(/"(name|method|id)"/, (key) => `${key}:${JSON.stringify(pick(random, STRANGE))},${key}`));
    default: return Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), body, Buffer.from(pick(random, ["", "\n", "{}", "\u0000"]))]);
  }
}

const VALUES = ["", " ", "x", "null", "=?base64?!!?=", "=?base64?dG9vbGJveC5yZWFkX2l0?=", "2025-11-25", "toolbox.write_it", "a".repeat(9_000), "ü", "*/*", "text/plain", "multipart/form-data; boundary=x", "Bearer x.y.z", "evil.example", "gzip", "100-continue", "-1", "99999999999"];
const NAMES = ["MCP-Protocol-Version", "Mcp-Method", "Mcp-Name", "Content-Type", "Accept", "Authorization", "Host", "Origin", "Expect", "Content-Encoding", "X-Forwarded-Host", "traceparent", "Mcp-Session-Id", "Last-Event-ID", "Mcp-Param-X"];

function changeHeaders(random: Random, headers: [string, string][]): [string, string][] {
  let changed = headers;
  for (let n = times(random, 3); n > 0; n--) {
    const name = pick(random, NAMES);
    const value = pick(random, VALUES);
    switch (Math.floor(random() * 3)) {
      case 0: changed = changed.filter(([known]) => known !== name); break;
      case 1: changed = [...changed, [name, value]]; break;
      default: changed = [...changed.filter(([known]) => known !== name), [name, value]];
    }
  }
  return changed;
}

function framed(random: Random, headers: readonly [string, string][], body: Buffer): Buffer {
  const method = random() < 0.97 ? "POST" : pick(random, ["GET", "DELETE", "PUT", "PATCH", "OPTIONS", "HEAD", "BREW"]);
  const path = random() < 0.97 ? pick(random, ["/mcp", "/mcp", "/mcp?tools=search"]) : pick(random, ["/mcp/", "/mcp?x", "//mcp", "/%6dcp", "/mcp%00", "*", "/"]);
  const version = random() < 0.995 ? "HTTP/1.1" : pick(random, ["HTTP/1.0", "HTTP/2.0", "HTTP/9.9", "HTCPCP/1.0"]);
  const head = (more: string): Buffer => Buffer.from(`${method} ${path} ${version}\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join("")}Connection: close\r\n${more}\r\n`, "latin1");
  const length = (bytes: number): string => `Content-Length: ${bytes}\r\n`;
  const chunk = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")]);
  switch (random() < 0.85 ? 0 : Math.floor(random() * 7)) {
    case 1: return Buffer.concat([head(length(Math.floor(random() * 2 * body.length))), body]);
    case 2: {
      const middle = Math.floor(random() * body.length);
      return Buffer.concat([head("Transfer-Encoding: chunked\r\n"), chunk(body.subarray(0, middle)), chunk(body.subarray(middle)), Buffer.from("0\r\n\r\n")]);
    }
    case 3: return Buffer.concat([head("Transfer-Encoding: chunked\r\n"), Buffer.from(pick(random, ["zz\r\n", "ffffffffffffffffff\r\n", "-1\r\n", "5\r\nab"])), body]);
    case 4: return Buffer.concat([head(`${length(body.length)}Transfer-Encoding: chunked\r\n`), chunk(body), Buffer.from("0\r\n\r\n")]);
    case 5: return Buffer.concat([head(length(body.length) + length(body.length + 1)), body]);
    case 6: return head(length(body.length)).subarray(0, Math.floor(random() * 200));
    default: return Buffer.concat([head(length(body.length)), body]);
  }
}
