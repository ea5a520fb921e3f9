/** `/mcp`: Streamable HTTP for both protocol eras, on the service's own HTTP app. */
import {
  createMcpHandler, PROTOCOL_VERSION_META_KEY, ProtocolError, ProtocolErrorCode, Server,
  type McpHttpHandler, type McpServerFactory, type ServerContext as McpContext, type Tool as WireTool,
} from "@modelcontextprotocol/server";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Registry } from "prom-client";
import { unlimited } from "../../../contract/access.ts";
import type { HttpApp } from "../http.ts";
import { traceIdOf, type Logger } from "../log.ts";
import { durationHistogram } from "../metrics.ts";
import { HttpProblem } from "../problem.ts";
import type { Prompt } from "../prompt.ts";
import type { Resource } from "../resource.ts";
import { runTool } from "../tool-call.ts";
import type { Tool } from "../tool.ts";
import { failure, success, type Answer } from "./answer.ts";
import { callerOf } from "./caller.ts";
import { compileCatalog } from "./catalog.ts";
import { refuseHeaders } from "./guards.ts";
import { compileReading } from "./reading.ts";
import { serveTasks, startTask, TASK_CAPABILITIES } from "./task-handlers.ts";
import { TaskTable } from "./task-table.ts";
import { HEADER_MISMATCH, headerParamsOf, mismatchText, wrongParamHeader, type HeaderParam, type Mismatch } from "./header-params.ts";

export interface McpEndpointOptions<D> {
  name: string;
  version: string;
  instructions: string;
  tools: readonly Tool<D>[];
  prompts?: readonly Prompt<D>[];
  resources?: readonly Resource<D>[];
  /** @throws {Unavailable} while the server is starting */
  deps(): D;
  log: Logger;
  metrics: Registry;
  /** Host names it answers to, beside loopback's. */
  allowedHosts: readonly string[];
}

/** Tools change only with a new deployment; a minute keeps a gateway from asking for each client. */
const LIST_CACHE = { ttlMs: 60_000, cacheScope: "public" } as const;

/** @returns what ends open streams and tasks at a stop */
export function mountMcp<D>(app: HttpApp, options: McpEndpointOptions<D>): Pick<McpHttpHandler, "close"> {
  const { name, version, instructions } = options;
  const catalog = compileCatalog(options.tools);
  const call = toolCaller(options, catalog.byName);
  const reading = compileReading({ prompts: options.prompts ?? [], resources: options.resources ?? [], deps: options.deps, log: options.log });
  const table = new TaskTable();
  const makesTasks = options.tools.some(({ task }) => task !== undefined);
  const handler = mountServer(app, { ...options, list: catalog.list }, () => {
    const server = new Server(
      { name, version },
      {
        capabilities: { tools: {}, ...reading.capabilities, ...(makesTasks ? TASK_CAPABILITIES : {}) }, instructions,
        cacheHints: {
          "tools/list": LIST_CACHE, "prompts/list": LIST_CACHE, "resources/list": LIST_CACHE, "resources/templates/list": LIST_CACHE, "server/discover": LIST_CACHE,
        },
      },
    );
    server.setRequestHandler("tools/list", () => ({ tools: catalog.list }));
    server.setRequestHandler("tools/call", async (request, ctx) => {
      const { name: tool, arguments: input } = request.params;
      return startTask(table, catalog.byName.get(tool)?.task, ctx, async (signal) => (await call(tool, input, ctx, signal)).result);
    });
    if (makesTasks) serveTasks(server, table);
    reading.serve(server);
    return server;
  });
  return {
    close() {
      table.close();
      return handler.close();
    },
  };
}

export interface ServerOptions extends Pick<McpEndpointOptions<unknown>, "log" | "allowedHosts"> {
  /** Tools as they are listed, for the headers that their arguments are repeated in. */
  list: readonly WireTool[];
}

/**
 * The transport alone: any server of the SDK, for what {@link mountMcp} does not offer.
 *
 * @param factory called for every request, so whatever costs time belongs outside
 */
export function mountServer(app: HttpApp, options: ServerOptions, factory: McpServerFactory): McpHttpHandler {
  const { log } = options;
  const headerParams = new Map(options.list.map(({ name, inputSchema }) => [name, headerParamsOf(inputSchema)]));
  const handler = createMcpHandler(factory, { onerror: (error) => log.debug({ err: error }, "MCP request refused") });
  // A scope of its own: bodies stay text, so that malformed JSON gets the protocol's error and not a problem document.
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", { parseAs: "string" }, (_request, body, done) => done(null, body));
    scope.route({
      method: ["GET", "POST", "DELETE"],
      url: "/mcp",
      handler: (request, reply) => serve(handler, options.allowedHosts, headerParams, request, reply),
    });
  });
  return handler;
}

async function serve(
  handler: McpHttpHandler, allowedHosts: readonly string[], headerParams: ReadonlyMap<string, readonly HeaderParam[]>, request: FastifyRequest, reply: FastifyReply,
): Promise<FastifyReply> {
  const refused = refuseHeaders({ host: request.headers.host, origin: request.headers.origin }, allowedHosts);
  if (refused) throw new HttpProblem(403, refused);
  const { caller } = request;
  if (caller && !unlimited(caller)) throw new HttpProblem(403, `The token of ${caller.sub} has limits, which only the gateway keeps: call this server's tools at /mcp of the hub.`);
  const aborted = new AbortController();
  // Closing the response stream is how a client cancels.
  reply.raw.once("close", () => { if (!reply.raw.writableFinished) aborted.abort(); });
  const text = typeof request.body === "string" && request.body !== "" ? request.body : undefined;
  const parsed = text === undefined ? undefined : parseJson(text);
  const wrong = wrongArgumentHeader(parsed, headerParams, request);
  if (wrong) return reply.code(400).send({ jsonrpc: "2.0", id: wrong.id, error: { code: HEADER_MISMATCH, message: mismatchText(wrong), data: { mismatch: { header: wrong.header, body: wrong.body } } } });
  const web = new Request(`http://${request.headers.host}${request.url}`, {
    method: request.method,
    headers: headersOf(request),
    signal: aborted.signal,
    ...(text !== undefined && parsed === undefined ? { body: text } : {}),
  });
  const response = await handler.fetch(web, {
    ...(parsed === undefined ? {} : { parsedBody: parsed }),
    ...(caller ? { authInfo: { token: "", clientId: caller.sub, scopes: [caller.role], extra: { claims: caller } } } : {}),
  });
  // A finished answer is cheaper as text than as a stream.
  if (!response.headers.get("content-type")?.startsWith("application/json")) return reply.send(response);
  return reply.code(response.status).headers(Object.fromEntries(response.headers)).send(await response.text());
}

/** The SDK looks at these headers only where it holds the tools itself. Older revisions have none. */
function wrongArgumentHeader(parsed: unknown, headerParams: ReadonlyMap<string, readonly HeaderParam[]>, { headers }: FastifyRequest): Mismatch & { id: unknown } | null {
  const { method, params, id } = (parsed ?? {}) as { method?: unknown; params?: { name?: unknown; arguments?: unknown; _meta?: object }; id?: unknown };
  if (method !== "tools/call" || !params?._meta || !(PROTOCOL_VERSION_META_KEY in params._meta)) return null;
  const declared = typeof params.name === "string" ? headerParams.get(params.name) : undefined;
  const wrong = declared && wrongParamHeader(declared, params.arguments, headers);
  return wrong ? { ...wrong, id } : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function headersOf(request: FastifyRequest): [string, string][] {
  const headers: [string, string][] = [];
  for (const [name, value] of Object.entries(request.headers)) {
    if (typeof value === "string" && name !== "content-length") headers.push([name, value]);
  }
  return headers;
}

function toolCaller<D>(options: McpEndpointOptions<D>, tools: ReadonlyMap<string, Tool<D>>) {
  const seconds = durationHistogram(options.metrics, "mcp_tool_call_duration_seconds", "Time of a tool call, by outcome.", ["tool", "outcome"]);
  return async (name: string, input: unknown, ctx: McpContext, signal: AbortSignal): Promise<Answer> => {
    const tool = tools.get(name);
    if (!tool) throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown tool ${name}; tools/list names those there are.`);
    const { _meta } = ctx.mcpReq;
    const traceId = traceIdOf(_meta?.["traceparent"] ?? ctx.http?.req?.headers.get("traceparent"));
    const caller = callerOf(ctx);
    const log = options.log.child({ tool: name, ...(traceId ? { traceId } : {}) });
    const stop = seconds.startTimer({ tool: name });
    let answer: Answer;
    try {
      answer = success(await runTool(tool, input, { deps: options.deps(), signal, log, caller }));
    } catch (error) {
      answer = failure(error, signal);
      if (answer.outcome === "internal") log.error({ err: error, errorId: answer.errorId, caller: caller?.sub }, "tool failed");
    }
    const durationMs = Math.round(stop({ outcome: answer.outcome }) * 1000);
    log.debug({ outcome: answer.outcome, durationMs, caller: caller?.sub }, "tool called");
    return answer;
  };
}
