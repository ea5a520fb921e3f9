/** Calls that a server answers: whether this caller may make them, what the server is shown, and what of its answer the client is. */
import { paramHeaders } from "../../kit/mcp/header-params.ts";
import { declaresTasks, TASKS } from "../../kit/mcp/task-wire.ts";
import type { CallerAccount } from "./access/caller-account.ts";
import { refusalOf, toolRefusalOf } from "./access/caller-rights.ts";
import type { Credentials } from "./access/delegation.ts";
import type { Binding, StateSeal } from "./access/state-seal.ts";
import type { Fleet } from "./backends/fleet.ts";
import { failTool, invalid, refuse, type Exchange } from "./exchange.ts";
import type { LogLevels } from "./log-levels.ts";
import { outboundOf } from "./protocol/outbound.ts";
import { FORBIDDEN, INTERNAL_ERROR } from "./protocol/refusal.ts";
import { traceHeaders, traceparentOf } from "./protocol/trace-context.ts";
import type { Outcome, RpcMessage } from "./relay/answer.ts";
import type { Rewritten } from "./relay/attempt.ts";
import { relay, toolFailure, type RelayLimits } from "./relay/relay.ts";
import type { Call, Handle } from "./tasks/call-ledger.ts";
import type { Calls } from "./tasks/calls.ts";
import type { Target } from "./targets.ts";

export interface RelayedCallsDeps {
  fleet: Fleet;
  credentials: Credentials;
  seal: StateSeal;
  calls: Calls;
  account: CallerAccount;
  levels: LogLevels;
  limits: RelayLimits;
}

/** What is known of a call by the time its answer comes. */
interface Sent {
  exchange: Exchange;
  target: Target;
  binding: Binding;
  traceparent: string;
  /** The request as the server got it. */
  body: string;
}

export class RelayedCalls {
  readonly #deps: RelayedCallsDeps;

  constructor(deps: RelayedCallsDeps) {
    this.#deps = deps;
  }

  async serve(exchange: Exchange, target: Target): Promise<void> {
    const { fleet, credentials, account, levels, limits } = this.#deps;
    const { request, caller, headers, response } = exchange;
    const { id, method, era, params } = request;
    const { entry, name, input, tool } = target;
    const { server } = entry;
    const traceparent = traceparentOf(params, headers);
    const audited = account.begin(exchange, traceparent);
    // The URI of a resource may hold what is secret.
    const done = (outcome: Outcome): void => audited(outcome, server, name === null || method === "resources/read" ? server : entry.name);
    const forbidden = tool ? toolRefusalOf(caller, tool) : refusalOf(caller, entry);
    if (forbidden !== null) {
      if (tool) failTool(exchange, forbidden);
      else refuse(exchange, { status: 200, code: FORBIDDEN, message: forbidden });
      return done("refused");
    }
    if (!account.take(exchange)) return done("rate_limited");
    const binding: Binding = { caller: caller.sub, server, method, name: name ?? "", input };
    const state = this.#openedState(params["requestState"], binding);
    if (state === null) {
      refuse(exchange, { ...invalid("Invalid or expired requestState"), data: { reason: "invalid_request_state" } });
      return done("refused");
    }
    const outbound = outboundOf(request, method, {
      changes: { ...target.changes, ...state }, name, authorization: credentials(caller, server), traceparent, logLevel: levels.of(caller.sub),
      headers: { ...traceHeaders(headers), ...(tool && tool.headerParams.length > 0 ? paramHeaders(tool.headerParams, input) : {}) },
    });
    const sent: Sent = { exchange, target, binding, traceparent, body: outbound.body };
    done(await relay(fleet, {
      server, id, outbound, isTool: tool !== null, legacy: era === "legacy", repeatable: tool?.repeatable ?? true,
      rewrite: (message, replica) => this.#shown(sent, message, replica),
    }, response, limits));
  }

  /** @returns the member of `params` that the server gets; null for a state that was not sealed for this call */
  #openedState(state: unknown, binding: Binding): Record<string, string> | null {
    if (state === undefined) return {};
    const opened = typeof state === "string" ? this.#deps.seal.open(state, binding) : null;
    return opened === null ? null : { requestState: JSON.stringify(opened) };
  }

  /** An answer as the client gets it; null when it may have it as it is. */
  #shown(sent: Sent, message: RpcMessage, replica: string): Rewritten | Promise<Rewritten> {
    const { seal } = this.#deps;
    const { request } = sent.exchange;
    const { result } = message;
    if (result?.["resultType"] === "task" && typeof result["taskId"] === "string") return this.#adopted(sent, message, { replica, taskId: result["taskId"] });
    if (result?.["resultType"] !== "input_required") return null;
    // An older client cannot answer a question at all.
    if (request.era === "legacy") return toolFailure(request.id, "This call asks for input on the way, which wants a client of protocol revision 2026-07-28.");
    const state = result["requestState"];
    return typeof state === "string" ? { ...message, result: { ...result, requestState: seal.seal(state, sent.binding) } } : null;
  }

  /** The task that the server has made of the call, as one of the gateway's. */
  #adopted({ exchange, target, traceparent, body }: Sent, message: RpcMessage, handle: Handle): Rewritten | Promise<Rewritten> {
    const { calls } = this.#deps;
    const { request: { id, era, params }, caller: { sub, role }, response } = exchange;
    const { entry: { server }, tool } = target;
    if (!tool) return { jsonrpc: "2.0", id, error: { code: INTERNAL_ERROR, message: `${server} made a task of what is no tool call` } };
    const call: Call = { caller: { sub, role }, server, tool: tool.own, name: tool.name, repeatable: tool.repeatable, traceparent };
    if (era === "legacy" || !declaresTasks(params["_meta"])) {
      calls.forsake(call, handle);
      return toolFailure(id, `${server} made a task of the call, which wants a client that declares ${TASKS}.`);
    }
    return calls.adopt(call, body, handle, () => response.destroyed)
      .then((adopted) => ("task" in adopted ? { ...message, result: adopted.task } : toolFailure(id, adopted.refusal)));
  }
}
