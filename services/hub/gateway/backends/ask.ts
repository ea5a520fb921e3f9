/** What the hub asks a backend for itself: JSON-RPC over Streamable HTTP, revision 2026-07-28, one request a call. */
import type { Dispatcher } from "undici";
import { encodeHeader } from "../../../kit/mcp/header-params.ts";
import { VERSION } from "../../../kit/version.ts";
import { MODERN_VERSION } from "../protocol/inbound.ts";
import type { Replica } from "./replica.ts";

/** Of an answer to the hub's own questions, bytes. */
const ANSWER_LIMIT = 4 * 1024 * 1024;
const PAGE_LIMIT = 100;

export interface AskOptions {
  /** Value of `Authorization`. */
  authorization: string;
  signal: AbortSignal;
  /** What `Mcp-Name` says, of a method that has one. */
  name?: string;
  /** Of the client that the hub is; none unless said. */
  capabilities?: object;
}

/** The backend answered by a JSON-RPC error. */
export class BackendError extends Error {
  override name = "BackendError";
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

export class AnswerTooLarge extends Error { override name = "AnswerTooLarge"; }

interface RpcAnswer {
  result?: Record<string, unknown>;
  error?: { code: number; message: string };
}

/** `_meta` of a request that the hub makes. */
export const ENVELOPE = {
  "io.modelcontextprotocol/protocolVersion": MODERN_VERSION,
  "io.modelcontextprotocol/clientCapabilities": {},
  "io.modelcontextprotocol/clientInfo": { name: "mcp-hub", version: VERSION },
} as const;

export interface HubRequest {
  path: string;
  method: "POST";
  headers: Record<string, string>;
  body: string;
}

export function requestOf(method: string, params: Record<string, unknown>, { authorization, name, capabilities }: Omit<AskOptions, "signal">): HubRequest {
  const meta = capabilities === undefined ? ENVELOPE : { ...ENVELOPE, "io.modelcontextprotocol/clientCapabilities": capabilities };
  return requestWith(method, JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: { ...params, _meta: meta } }), { authorization, name });
}

/** @param body of a request of this method, as JSON text */
export function requestWith(method: string, body: string, { authorization, name }: Pick<AskOptions, "authorization" | "name">): HubRequest {
  return {
    path: "/mcp",
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      authorization,
      "mcp-protocol-version": MODERN_VERSION,
      "mcp-method": method,
      ...(name === undefined ? {} : { "mcp-name": encodeHeader(name) }),
    },
    body,
  };
}

/** @throws {BackendError}, {AnswerTooLarge}, or an Error when no answer came or what came was none */
export function ask(replica: Replica, method: string, params: Record<string, unknown>, options: AskOptions): Promise<Record<string, unknown>> {
  return answerTo(replica, requestOf(method, params, options), options.signal);
}

/** As {@link ask}, for a request that is made already. */
export async function answerTo(replica: Replica, request: HubRequest, signal: AbortSignal): Promise<Record<string, unknown>> {
  const response = await replica.pool.request({ ...request, signal });
  const text = await limitedText(response.body);
  const answer = parseAnswer(text, String(response.headers["content-type"] ?? ""));
  if (answer?.error) throw new BackendError(answer.error.code, answer.error.message);
  if (typeof answer?.result !== "object" || answer.result === null) throw new Error(`it answered ${response.statusCode} to ${request.headers["mcp-method"]} without a result`);
  return answer.result;
}

/** Every page of a list. @throws as {@link ask}, and when the list has no end */
export async function askAll(replica: Replica, method: string, field: string, options: AskOptions): Promise<{ items: unknown[]; ttlMs: number | null }> {
  const items: unknown[] = [];
  let cursor: unknown;
  for (let page = 0; page < PAGE_LIMIT; page++) {
    const result = await ask(replica, method, cursor === undefined ? {} : { cursor }, options);
    const found = result[field];
    if (!Array.isArray(found)) throw new Error(`its answer to ${method} has no list ${field}`);
    items.push(...found);
    cursor = result["nextCursor"];
    if (cursor === undefined || cursor === null) return { items, ttlMs: typeof result["ttlMs"] === "number" ? result["ttlMs"] : null };
  }
  throw new Error(`its answer to ${method} has more than ${PAGE_LIMIT} pages`);
}

async function limitedText(body: Dispatcher.ResponseData["body"]): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    // Leaving the loop destroys the stream, and with it the connection.
    if (bytes > ANSWER_LIMIT) throw new AnswerTooLarge(`it answered more than ${ANSWER_LIMIT} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** The answer is one JSON object, or the last message of an event stream that began with notifications. Pure. */
export function parseAnswer(text: string, contentType: string): RpcAnswer | null {
  try {
    if (!contentType.startsWith("text/event-stream")) return JSON.parse(text) as RpcAnswer;
    const messages = text.split(/\r?\n\r?\n/).flatMap((event): RpcAnswer[] => {
      const data = event.split(/\r?\n/).filter((line) => line.startsWith("data:")).map((line) => line.slice(5).trimStart()).join("\n");
      return data === "" ? [] : [JSON.parse(data) as RpcAnswer];
    });
    return messages.findLast((message) => message.result !== undefined || message.error !== undefined) ?? null;
  } catch {
    return null;
  }
}
