/**
 * Requests that are good at first sight. The SDK's classifier tries four schemas on every message, 0.03 ms a call; what a
 * client sends nearly always is told by a few comparisons, and everything else is left to the classifier. Pure.
 */
import { CLIENT_CAPABILITIES_META_KEY, CLIENT_INFO_META_KEY, PROTOCOL_VERSION_META_KEY } from "@modelcontextprotocol/server";
import type { InboundHeaders } from "./inbound.ts";
import type { RequestId } from "./refusal.ts";

export interface PlainRequest {
  id: RequestId;
  method: string;
  params: Record<string, unknown>;
}

const MEMBERS = new Set(["jsonrpc", "id", "method", "params"]);
/** Whose value nobody checks. */
const FREE = new Set(["traceparent", "tracestate", "baggage"]);

/**
 * Whether it is a request of `revision` that the classifier takes too: it never is what the classifier refuses, and may be
 * false for what it takes.
 */
export function isPlain(body: unknown, headers: InboundHeaders, revision: string): body is PlainRequest {
  if (!isObject(body) || body["jsonrpc"] !== "2.0" || !isName(body["id"]) || typeof body["method"] !== "string" || body["method"] === "initialize") return false;
  for (const key in body) if (!MEMBERS.has(key)) return false;
  if (headers["mcp-protocol-version"] !== revision || headers["mcp-method"] !== body["method"]) return false;
  const params = body["params"];
  const meta = isObject(params) ? params["_meta"] : null;
  if (!isObject(meta) || meta[PROTOCOL_VERSION_META_KEY] !== revision || !isEmpty(meta[CLIENT_CAPABILITIES_META_KEY])) return false;
  for (const key in meta) {
    if (key === PROTOCOL_VERSION_META_KEY || key === CLIENT_CAPABILITIES_META_KEY || FREE.has(key)) continue;
    const good = key === "progressToken" ? isName(meta[key]) : key === CLIENT_INFO_META_KEY && isNameAndVersion(meta[key]);
    if (!good) return false;
  }
  return true;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);
const isName = (value: unknown): boolean => typeof value === "string" || Number.isSafeInteger(value);

function isEmpty(value: unknown): boolean {
  if (!isObject(value)) return false;
  for (const _key in value) return false;
  return true;
}

function isNameAndVersion(value: unknown): boolean {
  if (!isObject(value) || typeof value["name"] !== "string" || typeof value["version"] !== "string") return false;
  for (const key in value) if (key !== "name" && key !== "version") return false;
  return true;
}
