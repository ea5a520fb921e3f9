/** What becomes of each method: answered here, from the catalogue, or carried to the server whose name it names. */
import { TASK_METHODS } from "../../kit/mcp/task-wire.ts";
import { describeIssues } from "../../kit/tool-call.ts";
import { refusalOf, viewOf } from "./access/caller-rights.ts";
import { findTools } from "./catalogue/find-tools.ts";
import type { Catalogue } from "./catalogue/catalogue.ts";
import { listResult } from "./catalogue/lists.ts";
import type { Kind } from "./catalogue/merge.ts";
import { FIND_TOOLS } from "./catalogue/naming.ts";
import { failTool, invalid, refuse, succeed, type Exchange } from "./exchange.ts";
import { discovered, initialized } from "./handshake.ts";
import type { Subscriptions } from "./listen/subscriptions.ts";
import { LEVELS, LogLevels } from "./log-levels.ts";
import { FindToolsInput, OWN_TOOLS } from "./own-tools.ts";
import { METHOD_NOT_FOUND, type Refusal } from "./protocol/refusal.ts";
import { RelayedCalls, type RelayedCallsDeps } from "./relayed-calls.ts";
import { completionTarget, inputOf, promptTarget, resourceTarget, toolTarget, type Found } from "./targets.ts";
import { serveTask } from "./task-methods.ts";

export interface MethodDeps extends Omit<RelayedCallsDeps, "levels"> {
  catalogue: Catalogue;
  subscriptions: Subscriptions;
}

/** No object: a method may be called `hasOwnProperty`. */
const LISTS = new Map<string, Kind>([["tools/list", "tools"], ["prompts/list", "prompts"], ["resources/list", "resources"], ["resources/templates/list", "templates"]]);

export class Methods {
  readonly #deps: MethodDeps;
  readonly #levels = new LogLevels();
  readonly #relayed: RelayedCalls;

  constructor(deps: MethodDeps) {
    this.#deps = deps;
    this.#relayed = new RelayedCalls({ ...deps, levels: this.#levels });
  }

  async serve(exchange: Exchange): Promise<void> {
    const { request, headers } = exchange;
    const { catalogue } = this.#deps;
    const list = LISTS.get(request.method);
    if (list !== undefined) return this.#list(list, exchange);
    switch (request.method) {
      case "tools/call": return request.params["name"] === FIND_TOOLS ? this.#findTools(exchange) : this.#relay(exchange, toolTarget(request, headers, catalogue));
      case "prompts/get": return this.#relay(exchange, promptTarget(request, catalogue));
      case "resources/read": return this.#relay(exchange, resourceTarget(request, catalogue));
      case "completion/complete": return this.#relay(exchange, completionTarget(request, catalogue));
      default: return request.era === "modern" ? this.#modern(exchange) : this.#legacy(exchange);
    }
  }

  async #relay(exchange: Exchange, found: Found): Promise<void> {
    if ("refusal" in found) return refuse(exchange, found.refusal);
    return this.#relayed.serve(exchange, found);
  }

  async #modern(exchange: Exchange): Promise<void> {
    const { request: { method, id, params }, caller, response } = exchange;
    const { catalogue, calls, account, subscriptions } = this.#deps;
    if (method === "server/discover") return succeed(exchange, discovered(catalogue.hasTasks));
    if (TASK_METHODS.has(method)) return serveTask(exchange, calls, account);
    if (method === "subscriptions/listen") {
      return subscriptions.serve(id, params, caller, response, (uri) => {
        const entry = catalogue.resource(uri);
        return entry !== null && refusalOf(caller, entry) === null;
      });
    }
    refuse(exchange, unknownMethod(method));
  }

  #legacy(exchange: Exchange): void {
    const { request: { method, params }, caller } = exchange;
    switch (method) {
      case "initialize": return succeed(exchange, JSON.stringify(initialized(params["protocolVersion"])));
      case "ping": return succeed(exchange, "{}");
      case "logging/setLevel":
        if (!this.#levels.set(caller.sub, params["level"])) return refuse(exchange, invalid(`params.level must be one of ${LEVELS.join(", ")}`));
        return succeed(exchange, "{}");
      default: return refuse(exchange, { ...unknownMethod(method), status: 200 });
    }
  }

  #list(kind: Kind, exchange: Exchange): void {
    const { request: { params, era }, caller, search } = exchange;
    if (params["cursor"] !== undefined) return refuse(exchange, invalid("There is no such page: the list has only one."));
    if (kind === "tools" && search) return succeed(exchange, listResult("tools", era, OWN_TOOLS, true));
    succeed(exchange, this.#deps.catalogue.lists.result(kind, era, viewOf(caller)));
  }

  #findTools(exchange: Exchange): void {
    const input = inputOf(exchange.request);
    if (input === null) return refuse(exchange, invalid("params.arguments must be an object"));
    const parsed = FindToolsInput.safeParse(input);
    if (!parsed.success) return failTool(exchange, `The arguments of ${FIND_TOOLS} do not fit: ${describeIssues(parsed.error)}.`);
    const { query, server, limit } = parsed.data;
    const view = viewOf(exchange.caller);
    const tools = [...this.#deps.catalogue.tools.values()].filter((tool) => (server === undefined || tool.server === server) && (!view || view.allows(tool)));
    const { found, total } = findTools(tools, query, limit);
    const structuredContent = { tools: found.map(({ definition: { name, title, description, inputSchema, annotations } }) => ({ name, title, description, inputSchema, annotations })), total };
    succeed(exchange, JSON.stringify({ resultType: "complete", content: [{ type: "text", text: JSON.stringify(structuredContent) }], structuredContent }));
  }
}

const unknownMethod = (method: string): Refusal => ({ status: 404, code: METHOD_NOT_FOUND, message: `Method not found: ${method.slice(0, 100)}` });
