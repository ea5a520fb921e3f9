/** From what a tool did to what an MCP client receives. */
import { randomUUID } from "node:crypto";
import type { CallToolResult } from "@modelcontextprotocol/server";
import { PermanentError, Unavailable, UserFault } from "../errors.ts";

export type Outcome = "ok" | "user_fault" | "unavailable" | "cancelled" | "internal";

export interface Answer {
  outcome: Outcome;
  result: CallToolResult;
  /** Under which a surprise stands in the log. */
  errorId?: string;
}

/** Structured content, and the same as text for clients that know only that. */
export function success(output: Record<string, unknown>): Answer {
  return { outcome: "ok", result: { content: [{ type: "text", text: JSON.stringify(output) }], structuredContent: output } };
}

/** Text we do not control never reaches a model: a surprise is answered by an id, and logged under it by the caller. */
export function failure(thrown: unknown, signal: AbortSignal): Answer {
  if (thrown instanceof UserFault || thrown instanceof PermanentError) return isError("user_fault", thrown.message);
  if (thrown instanceof Unavailable) return isError("unavailable", `${thrown.message} Try again in a few seconds.`);
  if (signal.aborted) return isError("cancelled", "The call was cancelled.");
  const errorId = randomUUID();
  return { ...isError("internal", `internal error, id ${errorId}`), errorId };
}

function isError(outcome: Outcome, text: string): Answer {
  return { outcome, result: { isError: true, content: [{ type: "text", text }] } };
}
