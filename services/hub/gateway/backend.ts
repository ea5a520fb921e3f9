/** One MCP server as the gateway sees it: JSON-RPC over Streamable HTTP, revision 2026-07-28, one request a call. */
import { request, type Dispatcher } from "undici";
import { messageOf } from "../../kit/errors.ts";
import { VERSION } from "../../kit/version.ts";

export const PROTOCOL_VERSION = "2026-07-28";

/** What a backend answers to tools/list, as far as the gateway looks into it. */
export interface BackendTool extends Record<string, unknown> {
  name: string;
  annotations?: { readOnlyHint?: boolean };
}

/** The backend was not reached, so nothing happened there: another replica may be tried. */
export class Unreached extends Error {
  override name = "Unreached";
}

/** The backend answered by a JSON-RPC error. */
export class BackendError extends Error {
  override name = "BackendError";
  readonly code: number;
  readonly data: unknown;
  constructor(code: number, message: string, data: unknown) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

export interface CallOptions {
  dispatcher: Dispatcher;
  token: string;
  signal: AbortSignal;
  traceParent?: string;
}

interface RpcAnswer {
  result?: Record<string, unknown>;
  error?: { code: number; message: string; data?: unknown };
}

/** Every page of the backend's tools. */
export async function listTools(origin: string, options: CallOptions): Promise<BackendTool[]> {
  const tools: BackendTool[] = [];
  let cursor: unknown;
  do {
    const result = await call(origin, "tools/list", cursor === undefined ? {} : { cursor }, undefined, options);
    tools.push(...(result["tools"] as BackendTool[]));
    cursor = result["nextCursor"];
  } while (cursor !== undefined);
  return tools;
}

/**
 * @returns the backend's result as it is
 * @throws {Unreached} {@link BackendError}, or an Error when the answer did not come or was none
 */
export function callTool(origin: string, name: string, input: unknown, options: CallOptions): Promise<Record<string, unknown>> {
  return call(origin, "tools/call", { name, arguments: input ?? {} }, name, options);
}

async function call(origin: string, method: string, params: Record<string, unknown>, name: string | undefined, options: CallOptions): Promise<Record<string, unknown>> {
  const _meta = {
    "io.modelcontextprotocol/protocolVersion": PROTOCOL_VERSION,
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": { name: "mcp-hub", version: VERSION },
    ...(options.traceParent === undefined ? {} : { traceparent: options.traceParent }),
  };
  let response: Dispatcher.ResponseData;
  try {
    response = await request(`${origin}/mcp`, {
      method: "POST",
      dispatcher: options.dispatcher,
      signal: options.signal,
      headers: {
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        authorization: `Bearer ${options.token}`,
        "mcp-protocol-version": PROTOCOL_VERSION,
        "mcp-method": method,
        ...(name === undefined ? {} : { "mcp-name": name }),
      },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: { ...params, _meta } }),
    });
  } catch (error) {
    if (isUnreached(error)) throw new Unreached(messageOf(error), { cause: error });
    throw error;
  }
  const text = await response.body.text();
  const answer = parseAnswer(text, String(response.headers["content-type"] ?? ""));
  if (answer?.error) throw new BackendError(answer.error.code, answer.error.message, answer.error.data);
  if (!answer?.result) throw new Error(`it answered ${response.statusCode} without a result`);
  return answer.result;
}

/** Refused, or no such host: the request did not leave. */
function isUnreached(error: unknown): boolean {
  const codes = ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "UND_ERR_CONNECT_TIMEOUT"];
  return codes.includes((error as { code?: string }).code ?? "");
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
