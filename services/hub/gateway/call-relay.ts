/** A call of `<server>.<tool>`, carried to a live replica and back. */
import type { Dispatcher } from "undici";
import type { TokenClaims } from "../../../contract/access.ts";
import { messageOf } from "../../kit/errors.ts";
import { mayCallTool } from "../api/roles.ts";
import type { RoundRobin } from "../registry/round-robin.ts";
import { BackendError, callTool, Unreached } from "./backend.ts";
import type { ToolCatalog } from "./tool-catalog.ts";

export type RelayOutcome = "ok" | "tool_error" | "refused" | "unreachable" | "timeout" | "protocol_error" | "broken" | "cancelled";

export interface Relayed {
  outcome: RelayOutcome;
  server: string;
  result: Record<string, unknown>;
}

export interface RelayOptions {
  catalog: ToolCatalog;
  replicas: RoundRobin;
  dispatcher: Dispatcher;
  token: string;
  timeoutMs: number;
}

const isError = (text: string): Record<string, unknown> => ({ isError: true, content: [{ type: "text", text }] });

/**
 * @returns null for a tool that no registered server has
 * @throws {BackendError} what the server answered by the protocol's own errors
 */
export async function relayCall(
  { catalog, replicas, dispatcher, token, timeoutMs }: RelayOptions,
  call: { name: string; input: unknown; caller: TokenClaims; signal: AbortSignal; traceParent?: string },
): Promise<Relayed | null> {
  const tool = catalog.find(call.name);
  if (!tool) return null;
  const { server } = tool;
  if (!mayCallTool(call.caller, tool.readOnly)) {
    return { outcome: "refused", server, result: isError(`${call.caller.sub} has the role ${call.caller.role} and may call only tools that read; ${call.name} changes something.`) };
  }
  const timeout = AbortSignal.timeout(timeoutMs);
  const signal = AbortSignal.any([call.signal, timeout]);
  // A replica that refuses the connection has not seen the call; one that breaks off may have acted on it.
  for (const { host, port } of replicas.order(null, server)) {
    try {
      const result = await callTool(`http://${host}:${port}`, tool.name, call.input, { dispatcher, token, signal, traceParent: call.traceParent });
      return { outcome: result["isError"] === true ? "tool_error" : "ok", server, result };
    } catch (error) {
      if (error instanceof Unreached) continue;
      if (error instanceof BackendError) throw error;
      if (call.signal.aborted) return { outcome: "cancelled", server, result: isError("The call was cancelled.") };
      if (timeout.aborted) {
        return { outcome: "timeout", server, result: isError(`${server} did not answer within ${timeoutMs / 1000} s. It may still be at work: look before you repeat a call that changes something.`) };
      }
      return { outcome: "broken", server, result: isError(`${server} broke the call off (${messageOf(error)}). It may have been carried out: look before you repeat a call that changes something.`) };
    }
  }
  return { outcome: "unreachable", server, result: isError(`${server} cannot be reached now. Try again in a few seconds; GET /api/v1/services shows which servers are registered. The tools of other servers work meanwhile.`) };
}
