/** The aggregated MCP endpoint of the hub: `POST /mcp`, both protocol eras. */
import { createMcpHandler, ProtocolError, ProtocolErrorCode, Server, type CallToolResult, type Tool } from "@modelcontextprotocol/server";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Registry } from "prom-client";
import { Agent } from "undici";
import type { TokenClaims } from "../../../contract/access.ts";
import type { HttpApp } from "../../kit/http.ts";
import type { Logger } from "../../kit/log.ts";
import { durationHistogram } from "../../kit/metrics.ts";
import { HttpProblem } from "../../kit/problem.ts";
import { VERSION } from "../../kit/version.ts";
import type { ServiceRegistry } from "../registry/registry.ts";
import type { RoundRobin } from "../registry/round-robin.ts";
import { BackendError } from "./backend.ts";
import { relayCall } from "./call-relay.ts";
import { ToolCatalog } from "./tool-catalog.ts";

export interface GatewayOptions {
  registry: ServiceRegistry;
  replicas: RoundRobin;
  /** The hub's own token: what servers see instead of the caller's. */
  token: string;
  /** Limit of one call, milliseconds. */
  timeoutMs: number;
  metrics: Registry;
  log: Logger;
}

export interface Gateway {
  /** Tools on offer now. */
  readonly tools: number;
  close(): Promise<void>;
}

const BODY_LIMIT = 4 * 1024 * 1024;
/** A server that comes or goes shows within this time even where nobody listens for changes. */
const LIST_CACHE = { ttlMs: 1_000, cacheScope: "public" } as const;
const INSTRUCTIONS = "Every MCP server of this system behind one endpoint. Tools are named <server>.<tool>; their servers come and go, so list again when one is missing.";

export function mountGateway(app: HttpApp, options: GatewayOptions): Gateway {
  const { registry, replicas, token, timeoutMs, log } = options;
  const dispatcher = new Agent({ connections: 32, connect: { timeout: 2_000 }, keepAliveTimeout: 30_000 });
  const catalog = new ToolCatalog({ registry, dispatcher, token, log, onChange: () => handler.notify.toolsChanged() });
  const seconds = durationHistogram(options.metrics, "mcp_hub_gateway_call_duration_seconds", "Time of a relayed tool call.", ["server", "outcome"]);

  const handler = createMcpHandler(() => {
    const server = new Server(
      { name: "mcp-hub", version: VERSION },
      { capabilities: { tools: { listChanged: true } }, instructions: INSTRUCTIONS, cacheHints: { "tools/list": LIST_CACHE, "server/discover": LIST_CACHE } },
    );
    server.setRequestHandler("tools/list", () => ({ tools: catalog.definitions as unknown as Tool[] }));
    server.setRequestHandler("tools/call", async (request, ctx): Promise<CallToolResult> => {
      const startedAt = performance.now();
      const { name, arguments: input } = request.params;
      const caller = ctx.http!.authInfo!.extra!["claims"] as TokenClaims;
      const trace = ctx.mcpReq._meta?.["traceparent"] ?? ctx.http?.req?.headers.get("traceparent") ?? undefined;
      try {
        const relayed = await relayCall({ catalog, replicas, dispatcher, token, timeoutMs }, {
          name, input, caller, signal: ctx.mcpReq.signal, ...(typeof trace === "string" ? { traceParent: trace } : {}),
        });
        if (!relayed) throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown tool ${name}; tools/list names those there are now.`);
        seconds.observe({ server: relayed.server, outcome: relayed.outcome }, (performance.now() - startedAt) / 1000);
        if (relayed.outcome !== "ok") log.info({ tool: name, outcome: relayed.outcome, caller: caller.sub }, "a relayed call did not succeed");
        return relayed.result as CallToolResult;
      } catch (error) {
        if (!(error instanceof BackendError)) throw error;
        seconds.observe({ server: name.split(".")[0]!, outcome: "protocol_error" }, (performance.now() - startedAt) / 1000);
        throw new ProtocolError(error.code, error.message, error.data);
      }
    });
    return server;
  }, { onerror: (error) => log.debug({ err: error }, "MCP request refused"), maxRequestBodySize: BODY_LIMIT });

  // A scope of its own: bodies stay text, so that malformed JSON gets the protocol's error and not a problem document.
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", { parseAs: "string", bodyLimit: BODY_LIMIT }, (_request, body, done) => done(null, body));
    scope.route({ method: ["GET", "POST", "DELETE"], url: "/mcp", bodyLimit: BODY_LIMIT, handler: (request, reply) => serve(request, reply) });
  });

  async function serve(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    refuseForeignOrigin(request);
    const aborted = new AbortController();
    // Closing the response stream is how a client cancels.
    reply.raw.once("close", () => { if (!reply.raw.writableFinished) aborted.abort(); });
    const caller = request.caller!;
    const response = await handler.fetch(toWebRequest(request, aborted.signal), {
      authInfo: { token: "", clientId: caller.sub, scopes: [caller.role], extra: { claims: caller } },
    });
    if (!response.headers.get("content-type")?.startsWith("application/json")) return reply.send(response);
    return reply.code(response.status).headers(Object.fromEntries(response.headers)).send(await response.text());
  }

  return {
    get tools() { return catalog.definitions.length; },
    async close() {
      catalog.close();
      await handler.close();
      await dispatcher.close();
    },
  };
}

function toWebRequest(request: FastifyRequest, signal: AbortSignal): Request {
  const headers = Object.entries(request.headers).filter((entry): entry is [string, string] => typeof entry[1] === "string" && entry[0] !== "content-length");
  const body = typeof request.body === "string" && request.method === "POST" ? request.body : null;
  return new Request(`http://${request.headers.host ?? "hub"}${request.url}`, { method: request.method, headers, body, signal });
}

/** A web page of another site must not speak with our token. Behind the edge the page's own host is in X-Forwarded-Host. */
function refuseForeignOrigin({ headers }: FastifyRequest): void {
  if (headers.origin === undefined) return;
  const own = [headers.host, headers["x-forwarded-host"]].map((host) => String(host ?? "").replace(/:\d+$/, "").toLowerCase());
  const origin = URL.canParse(headers.origin) ? new URL(headers.origin).hostname.toLowerCase() : null;
  if (origin === null || !["localhost", "127.0.0.1", "[::1]", ...own].includes(origin)) {
    throw new HttpProblem(403, `Origin ${headers.origin} may not call this endpoint.`);
  }
}
