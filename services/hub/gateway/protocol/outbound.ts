/** A client's request as a backend gets it: the same bytes but for the name, and for what an older client leaves out. Pure. */
import { CLIENT_CAPABILITIES_META_KEY, CLIENT_INFO_META_KEY, LOG_LEVEL_META_KEY, PROTOCOL_VERSION_META_KEY } from "@modelcontextprotocol/server";
import { VERSION } from "../../../kit/version.ts";
import { encodeHeader } from "../../../kit/mcp/header-params.ts";
import { MODERN_VERSION, type InboundRequest } from "./inbound.ts";
import { withMembers } from "./json-members.ts";

export interface Outbound {
  /** Names and values in turn, as undici takes them. */
  headers: string[];
  body: string;
}

export interface OutboundOptions {
  /** Members of `params` to exchange or add: key → JSON text. */
  changes: Readonly<Record<string, string>>;
  /** What `Mcp-Name` says; null for a method without. */
  name: string | null;
  authorization: string;
  traceparent: string;
  /** Beside the usual ones. */
  headers: Readonly<Record<string, string>>;
  /** What an older client wants to hear, as it set it. */
  logLevel: string | null;
}

export function outboundOf(inbound: InboundRequest, method: string, options: OutboundOptions): Outbound {
  const { text, members, paramsMembers } = inbound;
  const changes = inbound.era === "modern" ? options.changes : { ...options.changes, _meta: JSON.stringify(legacyMeta(inbound, options.logLevel)) };
  const params = paramsMembers ? withMembers(text, paramsMembers, changes) : `{${Object.entries(changes).map(([key, json]) => `${JSON.stringify(key)}:${json}`).join(",")}}`;
  return {
    body: withMembers(text, members, { params, ...(method === inbound.method ? {} : { method: JSON.stringify(method) }) }),
    headers: [
      "content-type", "application/json",
      "accept", "application/json, text/event-stream",
      "authorization", options.authorization,
      "mcp-protocol-version", MODERN_VERSION,
      "mcp-method", method,
      "traceparent", options.traceparent,
      ...(options.name === null ? [] : ["mcp-name", encodeHeader(options.name)]),
      ...Object.entries(options.headers).flat(),
    ],
  };
}

/** Older revisions have a handshake where this one has an envelope. They cannot be asked anything back: no session, no stream. */
function legacyMeta({ params }: InboundRequest, logLevel: string | null): object {
  return {
    ...(params["_meta"] as object | undefined),
    [PROTOCOL_VERSION_META_KEY]: MODERN_VERSION,
    [CLIENT_CAPABILITIES_META_KEY]: {},
    [CLIENT_INFO_META_KEY]: { name: "mcp-hub", version: VERSION },
    ...(logLevel === null ? {} : { [LOG_LEVEL_META_KEY]: logLevel }),
  };
}
