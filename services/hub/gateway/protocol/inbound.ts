/** What a client has sent: which era, which method, for whom. Pure; nothing is believed that header and body do not agree on. */
import { classifyInboundRequest, SUPPORTED_PROTOCOL_VERSIONS } from "@modelcontextprotocol/server";
import { decodeHeader } from "../../../kit/mcp/header-params.ts";
import { INVALID_REQUEST, mismatch, PARSE_ERROR, UNSUPPORTED_VERSION, type Refusal, type RequestId } from "./refusal.ts";
import { membersOf, type Members } from "./json-members.ts";
import { isPlain } from "./plain-request.ts";

export const MODERN_VERSION = "2026-07-28";
export const LEGACY_VERSIONS: readonly string[] = SUPPORTED_PROTOCOL_VERSIONS.filter((version) => version !== MODERN_VERSION);

export type Era = "modern" | "legacy";

export interface InboundRequest {
  kind: "request";
  era: Era;
  id: RequestId;
  method: string;
  params: Record<string, unknown>;
  /** The body as it came, and where `params` stands in it; absent without params. */
  text: string;
  members: Members;
  paramsMembers: Members | null;
}

export type Inbound = InboundRequest | { kind: "notification"; era: Era; method: string } | { kind: "refused"; id: RequestId | null; refusal: Refusal };

export interface InboundHeaders {
  "mcp-protocol-version"?: string;
  "mcp-method"?: string;
  "mcp-name"?: string;
}

/** Which field of the body `Mcp-Name` repeats (SEP-2243, SEP-2663). */
const NAME_SOURCE = new Map([
  ["tools/call", "name"], ["prompts/get", "name"], ["resources/read", "uri"],
  ["tasks/get", "taskId"], ["tasks/update", "taskId"], ["tasks/cancel", "taskId"],
]);

export function readInbound(text: string, headers: InboundHeaders): Inbound {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return refused(null, { status: 400, code: PARSE_ERROR, message: "Parse error: the request body is not valid JSON" });
  }
  if (isPlain(body, headers, MODERN_VERSION)) {
    const wrong = wrongHeader(body.method, body.params, headers);
    return wrong ? refused(body.id, wrong) : request("modern", text, body);
  }
  const id = idOf(body);
  if (Array.isArray(body)) return refused(null, { status: 400, code: INVALID_REQUEST, message: "Bad Request: JSON-RPC batches are not taken; send one message a request" });
  const outcome = classifyInboundRequest({
    httpMethod: "POST", body,
    protocolVersionHeader: headers["mcp-protocol-version"], mcpMethodHeader: headers["mcp-method"], mcpNameHeader: headers["mcp-name"],
  });
  if (outcome.kind === "reject") {
    const { httpStatus: status, code, message, data } = outcome;
    return refused(id, { status, code, message, data });
  }
  if (outcome.kind === "modern") {
    const { messageKind, classification, message } = outcome;
    if (messageKind === "notification") return { kind: "notification", era: "modern", method: message.method };
    if (classification.revision !== MODERN_VERSION) return refused(id, unsupported(classification.revision ?? "unknown", [MODERN_VERSION]));
    const wrong = wrongHeader(message.method, (body as { params?: unknown }).params, headers);
    if (wrong) return refused(id, wrong);
    return request("modern", text, body as never);
  }
  if (outcome.reason === "response") return refused(null, { status: 400, code: INVALID_REQUEST, message: "Bad Request: nothing was asked of you, so no response is taken" });
  const method = (body as { method: string }).method;
  if (outcome.reason === "notification") return { kind: "notification", era: "legacy", method };
  const version = outcome.requestedVersion;
  // `initialize` negotiates; afterwards the header must name what was negotiated.
  if (method !== "initialize" && version !== undefined && !LEGACY_VERSIONS.includes(version)) return refused(id, unsupported(version, LEGACY_VERSIONS));
  return request("legacy", text, body as never);
}

function wrongHeader(method: string, params: unknown, headers: InboundHeaders): Refusal | null {
  if (headers["mcp-protocol-version"] === undefined) return mismatch("(missing)", "the required MCP-Protocol-Version header is absent");
  if (headers["mcp-method"] === undefined) return mismatch("(missing)", `the body names method ${method} but the required Mcp-Method header is absent`);
  const field = NAME_SOURCE.get(method);
  const named = field === undefined ? undefined : (params as Record<string, unknown> | undefined)?.[field];
  const header = headers["mcp-name"];
  if (field === undefined || (header === undefined && typeof named !== "string")) return null;
  if (header === undefined) return mismatch("(missing)", `the body carries params.${field}="${named}" but the required Mcp-Name header is absent`);
  const decoded = decodeHeader(header);
  if (decoded === undefined) return mismatch(header, "the Mcp-Name header carries an invalid Base64 sentinel value");
  return typeof named === "string" && decoded !== named ? mismatch(header, `the body carries params.${field}="${named}" but the Mcp-Name header names "${decoded}"`) : null;
}

function request(era: Era, text: string, body: { id: RequestId; method: string; params?: Record<string, unknown> }): Inbound {
  const members = membersOf(text)!;
  const paramsSpan = members.values.get("params");
  const paramsMembers = paramsSpan ? membersOf(text, paramsSpan[0]) : null;
  const duplicate = members.duplicate ?? paramsMembers?.duplicate;
  if (duplicate != null) {
    return refused(body.id, { status: 400, code: INVALID_REQUEST, message: `Bad Request: "${duplicate}" is given twice, and which one counts would depend on the reader` });
  }
  return { kind: "request", era, id: body.id, method: body.method, params: body.params ?? {}, text, members, paramsMembers };
}

const refused = (id: RequestId | null, refusal: Refusal): Inbound => ({ kind: "refused", id, refusal });

const unsupported = (requested: string, supported: readonly string[]): Refusal => ({
  status: 400, code: UNSUPPORTED_VERSION, message: `Unsupported protocol version: ${requested}`, data: { supported, requested },
});

function idOf(body: unknown): RequestId | null {
  const id = (body as { id?: unknown } | null)?.id;
  return typeof id === "string" || typeof id === "number" ? id : null;
}

