/** What becomes of each method: answered from the catalogue, or carried to the server whose name it names. */
import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import type { TokenClaims } from "../../../contract/access.ts";
import { describeIssues } from "../../kit/tool-call.ts";
import { traceIdOf } from "../../kit/log.ts";
import { paramHeaders, wrongParamHeader } from "../../kit/mcp/header-params.ts";
import { declaresTasks, MISSING_CAPABILITY, REQUIRED_CAPABILITIES, TASK_METHODS, TASKS, type TaskMethod } from "../../kit/mcp/task-wire.ts";
import { Unavailable } from "../../kit/errors.ts";
import { isAway } from "../database/errors.ts";
import type { Audit } from "./access/audit.ts";
import { refusalOf, toolRefusalOf, viewOf } from "./access/caller-rights.ts";
import type { Credentials } from "./access/delegation.ts";
import type { RateLimit } from "./access/rate-limit.ts";
import type { Binding, StateSeal } from "./access/state-seal.ts";
import type { Fleet } from "./backends/fleet.ts";
import type { Catalogue } from "./catalogue/catalogue.ts";
import { findTools } from "./catalogue/find-tools.ts";
import { listResult } from "./catalogue/lists.ts";
import type { Entry, Kind, ToolEntry } from "./catalogue/merge.ts";
import { CALL_TOOL, FIND_TOOLS } from "./catalogue/naming.ts";
import { discovered, initialized } from "./handshake.ts";
import type { Subscriptions } from "./listen/subscriptions.ts";
import { FindToolsInput, OWN_TOOLS } from "./own-tools.ts";
import type { Answered, Calls } from "./tasks/calls.ts";
import type { InboundRequest } from "./protocol/inbound.ts";
import { membersOf } from "./protocol/json-members.ts";
import { outboundOf } from "./protocol/outbound.ts";
import { newTraceparent } from "./protocol/traceparent.ts";
import { errorText, FORBIDDEN, INTERNAL_ERROR, INVALID_PARAMS, METHOD_NOT_FOUND, mismatch, RATE_LIMITED, type Refusal } from "./protocol/refusal.ts";
import type { Outcome, RpcMessage } from "./relay/answer.ts";
import { relay, send, toolFailure, type RelayLimits } from "./relay/relay.ts";

export interface MethodDeps {
  fleet: Fleet;
  catalogue: Catalogue;
  subscriptions: Subscriptions;
  credentials: Credentials;
  seal: StateSeal;
  audit: Audit;
  rateLimit: RateLimit;
  calls: Calls;
  /** Of a token that says nothing about it. */
  callsPerMinute: number;
  limits: RelayLimits;
}

export interface Exchange {
  caller: TokenClaims;
  headers: IncomingHttpHeaders;
  response: ServerResponse;
  /** The client asked for the search tools instead of the full list. */
  search: boolean;
}

/** Where a request goes, found in the catalogue. */
interface Target {
  entry: Entry;
  /** Members of `params` that the server knows by another name; JSON text. */
  changes: Record<string, string>;
  /** What `Mcp-Name` says to the server. */
  name: string | null;
  input: unknown;
  tool: ToolEntry | null;
}

/** No object: a method may be called `hasOwnProperty`. */
const LISTS = new Map<string, Kind>([["tools/list", "tools"], ["prompts/list", "prompts"], ["resources/list", "resources"], ["resources/templates/list", "templates"]]);
const LEVELS_KEPT = 1_000;
const LEVELS = ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"];

export class Methods {
  readonly #deps: MethodDeps;
  /** Log levels that older clients have set, by caller: they are said once and not with each call. */
  readonly #levels = new Map<string, string>();

  constructor(deps: MethodDeps) {
    this.#deps = deps;
  }

  async serve(inbound: InboundRequest, exchange: Exchange): Promise<void> {
    const { method, era, id } = inbound;
    const list = LISTS.get(method);
    if (list !== undefined) return this.#list(list, inbound, exchange);
    switch (method) {
      case "tools/call": return this.#callTool(inbound, exchange);
      case "prompts/get": return this.#relayNamed(inbound, exchange, this.#prompt(inbound.params["name"]), "prompt", "name");
      case "resources/read": return this.#relayNamed(inbound, exchange, this.#resource(inbound.params["uri"]), "resource", "uri");
      case "completion/complete": return this.#complete(inbound, exchange);
    }
    if (era === "modern") {
      if (method === "server/discover") return result(inbound, exchange, discovered(this.#deps.catalogue.hasTasks));
      if (TASK_METHODS.has(method)) return this.#task(inbound, exchange);
      if (method === "subscriptions/listen") {
        return this.#deps.subscriptions.serve(id, inbound.params, exchange.caller, exchange.response, (uri) => {
          const entry = this.#deps.catalogue.resource(uri);
          return entry !== null && refusalOf(exchange.caller, entry) === null;
        });
      }
      return refuse(inbound, exchange, unknownMethod(method));
    }
    if (method === "initialize") return result(inbound, exchange, JSON.stringify(initialized(inbound.params["protocolVersion"])));
    if (method === "ping") return result(inbound, exchange, "{}");
    if (method === "logging/setLevel") return this.#setLevel(inbound, exchange);
    return refuse(inbound, exchange, { ...unknownMethod(method), status: 200 });
  }

  #list(kind: Kind, inbound: InboundRequest, exchange: Exchange): void {
    if (inbound.params["cursor"] !== undefined) return refuse(inbound, exchange, { status: 200, code: INVALID_PARAMS, message: "There is no such page: the list has only one." });
    if (kind === "tools" && exchange.search) return result(inbound, exchange, listResult("tools", inbound.era, OWN_TOOLS, true));
    result(inbound, exchange, this.#deps.catalogue.lists.result(kind, inbound.era, viewOf(exchange.caller)));
  }

  async #callTool(inbound: InboundRequest, exchange: Exchange): Promise<void> {
    const { params, text, paramsMembers } = inbound;
    const name = params["name"];
    if (typeof name !== "string") return refuse(inbound, exchange, invalid("params.name must name a tool"));
    const input = params["arguments"];
    if (input !== undefined && (typeof input !== "object" || input === null || Array.isArray(input))) return refuse(inbound, exchange, invalid("params.arguments must be an object"));
    if (name === FIND_TOOLS) return this.#findTools(inbound, exchange, input ?? {});
    if (name !== CALL_TOOL) {
      const tool = this.#deps.catalogue.tools.get(name);
      return this.#relayTool(inbound, exchange, name, tool, input ?? {}, tool ? { name: JSON.stringify(tool.own) } : {}, true);
    }
    // What is called, counted, allowed and written down is the tool inside.
    const { name: inner, arguments: innerInput } = (input ?? {}) as { name?: unknown; arguments?: unknown };
    if (typeof inner !== "string") return refuse(inbound, exchange, invalid("arguments.name must name a tool; find_tools finds them"));
    const members = membersOf(text, paramsMembers!.values.get("arguments")![0])!;
    if (members.duplicate !== null) return refuse(inbound, exchange, invalid(`arguments.${members.duplicate} is given twice`));
    const span = members.values.get("arguments");
    const tool = this.#deps.catalogue.tools.get(inner);
    const changes = { name: JSON.stringify(tool?.own ?? inner), arguments: span ? text.slice(...span) : "{}" };
    return this.#relayTool(inbound, exchange, inner, tool, innerInput ?? {}, changes, false);
  }

  async #relayTool(
    inbound: InboundRequest, exchange: Exchange, name: string, tool: ToolEntry | undefined, input: unknown, changes: Record<string, string>, headersSaid: boolean,
  ): Promise<void> {
    if (!tool) return refuse(inbound, exchange, invalid(`Unknown tool ${name.slice(0, 200)}; tools/list names those there are now.`));
    const wrong = headersSaid && inbound.era === "modern" ? wrongParamHeader(tool.headerParams, input, exchange.headers) : null;
    if (wrong) return refuse(inbound, exchange, mismatch(wrong.header, wrong.body));
    return this.#relay(inbound, exchange, { entry: tool, changes, name: tool.own, input, tool });
  }

  #prompt(name: unknown): Entry | null {
    return typeof name === "string" ? this.#deps.catalogue.prompts.get(name) ?? null : null;
  }

  #resource(uri: unknown): Entry | null {
    return typeof uri === "string" ? this.#deps.catalogue.resource(uri) : null;
  }

  async #relayNamed(inbound: InboundRequest, exchange: Exchange, entry: Entry | null, what: string, field: "name" | "uri"): Promise<void> {
    const wanted = inbound.params[field];
    if (typeof wanted !== "string") return refuse(inbound, exchange, invalid(`params.${field} must name a ${what}`));
    if (!entry) return refuse(inbound, exchange, { ...invalid(`There is no ${what} ${wanted.slice(0, 200)}`), ...(field === "uri" ? { data: { uri: wanted } } : {}) });
    const [own, changes] = field === "name" ? [entry.own, { name: JSON.stringify(entry.own) }] : [wanted, {}];
    return this.#relay(inbound, exchange, { entry, changes, name: own, input: inbound.params["arguments"], tool: null });
  }

  async #complete(inbound: InboundRequest, exchange: Exchange): Promise<void> {
    const ref = inbound.params["ref"] as { type?: unknown; name?: unknown; uri?: unknown } | undefined;
    const prompt = ref?.type === "ref/prompt";
    const template = ref?.type === "ref/resource" && typeof ref.uri === "string" ? this.#deps.catalogue.template(ref.uri) : null;
    const entry = prompt ? this.#prompt(ref.name) : template;
    if (!entry) return refuse(inbound, exchange, invalid("params.ref names no prompt and no resource that there is"));
    const changes: Record<string, string> = prompt ? { ref: JSON.stringify({ ...ref, name: entry.own }) } : {};
    return this.#relay(inbound, exchange, { entry, changes, name: null, input: undefined, tool: null });
  }

  async #task(inbound: InboundRequest, exchange: Exchange): Promise<void> {
    const { params, id } = inbound;
    const { caller, headers, response } = exchange;
    const method = inbound.method as TaskMethod;
    if (!declaresTasks(params["_meta"])) {
      return refuse(inbound, exchange, { status: 400, code: MISSING_CAPABILITY, message: `${method} wants a client that declares ${TASKS}`, data: { requiredCapabilities: REQUIRED_CAPABILITIES } });
    }
    const done = this.#auditOf(inbound, exchange, traceparentOf(inbound, headers));
    if (this.#rateLimited(inbound, exchange)) return done("rate_limited", "tasks");
    const answered = await this.#deps.calls.serve(method, params, caller).catch((error: unknown): Answered => {
      if (!isAway(error) && !(error instanceof Unavailable)) throw error;
      return { refusal: { status: 200, code: INTERNAL_ERROR, message: "What became of the task cannot be read now; it goes on. Ask again in a few seconds." } };
    });
    if ("refusal" in answered) {
      send(response, errorText(id, answered.refusal), answered.refusal.status);
      return done("protocol_error", "tasks");
    }
    result(inbound, exchange, answered.result);
    done("ok", answered.call.server);
  }

  async #relay(inbound: InboundRequest, exchange: Exchange, { entry, changes, name, input, tool }: Target): Promise<void> {
    const { fleet, credentials, seal, calls, limits } = this.#deps;
    const { caller, headers, response } = exchange;
    const { id, method, era } = inbound;
    const { server } = entry;
    const traceparent = traceparentOf(inbound, headers);
    const audited = this.#auditOf(inbound, exchange, traceparent);
    const done = (outcome: Outcome): void => audited(outcome, server, name === null || method === "resources/read" ? server : entry.name);
    const forbidden = tool ? toolRefusalOf(caller, tool) : refusalOf(caller, entry);
    if (forbidden !== null) {
      if (tool) send(response, JSON.stringify(toolFailure(id, forbidden)));
      else refuse(inbound, exchange, { status: 200, code: FORBIDDEN, message: forbidden });
      return done("refused");
    }
    if (this.#rateLimited(inbound, exchange)) return done("rate_limited");
    const binding: Binding = { caller: caller.sub, server, method, name: name ?? "", input };
    const state = inbound.params["requestState"];
    const more: Record<string, string> = { ...changes };
    if (state !== undefined) {
      const opened = typeof state === "string" ? seal.open(state, binding) : null;
      if (opened === null) {
        refuse(inbound, exchange, { ...invalid("Invalid or expired requestState"), data: { reason: "invalid_request_state" } });
        return done("refused");
      }
      more["requestState"] = JSON.stringify(opened);
    }
    const outbound = outboundOf(inbound, method, {
      changes: more, name, authorization: credentials(caller, server), traceparent, logLevel: this.#levels.get(caller.sub) ?? "info",
      headers: { ...traceHeaders(headers), ...(tool && tool.headerParams.length > 0 ? paramHeaders(tool.headerParams, input) : {}) },
    });
    done(await relay(fleet, {
      server, id, outbound, isTool: tool !== null, legacy: era === "legacy", repeatable: tool?.repeatable ?? true,
      rewrite: (message, replica) => {
        const begun = message.result?.["resultType"] === "task" ? message.result["taskId"] : undefined;
        if (typeof begun !== "string") return rewritten(message, { legacy: era === "legacy", seal: (own) => seal.seal(own, binding) });
        const handle = { replica, taskId: begun };
        if (!tool) return { ...message, result: undefined, error: { code: INTERNAL_ERROR, message: `${server} made a task of what is no tool call` } } as RpcMessage;
        const call = { caller: { sub: caller.sub, role: caller.role }, server, tool: tool.own, name: tool.name, repeatable: tool.repeatable, traceparent };
        if (era === "legacy" || !declaresTasks(inbound.params["_meta"])) {
          calls.forsake(call, handle);
          return toolFailure(id, `${server} made a task of the call, which wants a client that declares ${TASKS}.`) as RpcMessage;
        }
        return calls.adopt(call, outbound.body, handle, () => response.destroyed)
          .then((task) => (task ? { ...message, result: task } : toolFailure(id, `${server} began the call, but it could not be written down, and was cancelled. Try again in a few seconds.`) as RpcMessage));
      },
    }, response, limits));
  }

  /** Answers a caller that has used up its share. */
  #rateLimited({ id }: InboundRequest, { caller, response }: Exchange): boolean {
    const limit = caller.callsPerMinute ?? this.#deps.callsPerMinute;
    const waitSeconds = this.#deps.rateLimit.take(caller.sub, limit);
    if (waitSeconds <= 0) return false;
    const message = `${caller.sub} has used up its ${limit} calls a minute; the next one is free in ${waitSeconds} s.`;
    send(response, errorText(id, { code: RATE_LIMITED, message }), 429, { "retry-after": String(waitSeconds) });
    return true;
  }

  #auditOf({ method }: InboundRequest, { caller }: Exchange, traceparent: string): (outcome: Outcome, server: string, target?: string) => void {
    const startedAt = performance.now();
    return (outcome, server, target = server) => this.#deps.audit({ caller, method, target, server, traceparent, startedAt }, outcome);
  }

  #findTools(inbound: InboundRequest, exchange: Exchange, input: object): void {
    const parsed = FindToolsInput.safeParse(input);
    if (!parsed.success) return send(exchange.response, JSON.stringify(toolFailure(inbound.id, `The arguments of ${FIND_TOOLS} do not fit: ${describeIssues(parsed.error)}.`)));
    const { query, server, limit } = parsed.data;
    const view = viewOf(exchange.caller);
    const tools = [...this.#deps.catalogue.tools.values()].filter((tool) => (server === undefined || tool.server === server) && (!view || view.allows(tool)));
    const { found, total } = findTools(tools, query, limit);
    const structuredContent = { tools: found.map(({ definition: { name, title, description, inputSchema, annotations } }) => ({ name, title, description, inputSchema, annotations })), total };
    result(inbound, exchange, JSON.stringify({ resultType: "complete", content: [{ type: "text", text: JSON.stringify(structuredContent) }], structuredContent }));
  }

  #setLevel(inbound: InboundRequest, exchange: Exchange): void {
    const level = inbound.params["level"];
    if (typeof level !== "string" || !LEVELS.includes(level)) return refuse(inbound, exchange, invalid(`params.level must be one of ${LEVELS.join(", ")}`));
    const { sub } = exchange.caller;
    this.#levels.delete(sub);
    if (this.#levels.size >= LEVELS_KEPT) this.#levels.delete(this.#levels.keys().next().value!);
    this.#levels.set(sub, level);
    result(inbound, exchange, "{}");
  }
}

const invalid = (message: string): Refusal => ({ status: 200, code: INVALID_PARAMS, message });
const unknownMethod = (method: string): Refusal => ({ status: 404, code: METHOD_NOT_FOUND, message: `Method not found: ${method.slice(0, 100)}` });

/** @param json the result as JSON text */
const result = ({ id }: InboundRequest, { response }: Exchange, json: string): void => send(response, `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${json}}`);

const refuse = ({ id }: InboundRequest, { response }: Exchange, refusal: Refusal): void => send(response, errorText(id, refusal), refusal.status);

/** Seals what a client must not read or alter; an older client cannot answer a question at all. */
function rewritten(message: RpcMessage, { legacy, seal }: { legacy: boolean; seal(state: string): string }): RpcMessage | null {
  const { result: own } = message;
  if (own?.["resultType"] !== "input_required") return null;
  if (legacy) return toolFailure(message.id as string, "This call asks for input on the way, which wants a client of protocol revision 2026-07-28.") as RpcMessage;
  const state = own["requestState"];
  return typeof state === "string" ? { ...message, result: { ...own, requestState: seal(state) } } : null;
}

/** The caller's, from the envelope or the header; a new one where there is none, so that one id leads through all logs. */
function traceparentOf({ params }: InboundRequest, headers: IncomingHttpHeaders): string {
  const given = (params["_meta"] as { traceparent?: unknown } | undefined)?.traceparent ?? headers["traceparent"];
  if (typeof given === "string" && traceIdOf(given) !== undefined) return given;
  return newTraceparent();
}

function traceHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const name of ["tracestate", "baggage"]) {
    const value = headers[name];
    if (typeof value === "string") passed[name] = value;
  }
  return passed;
}
