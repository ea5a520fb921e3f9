/** What a backend's answer is: the one that was asked for, or something that must not be passed on. Pure. */
import type { RequestId } from "../protocol/refusal.ts";

export type Outcome = "ok" | "tool_error" | "protocol_error" | "input_required" | "task"
  | "refused" | "rate_limited" | "busy" | "unreachable" | "timeout" | "broken" | "too_large" | "cancelled";

export interface RpcMessage {
  jsonrpc?: unknown;
  id?: unknown;
  result?: Record<string, unknown>;
  error?: { code?: unknown; message?: unknown };
}

/** Beyond it an answer is not parsed unless a word in it says that it must be: a megabyte would cost 5 ms of everybody's time. */
const PARSED_WHOLE = 64 * 1024;
/** Words without which an answer is either plain or an error, and is passed on as it is. */
const TELLING = ["\"isError\"", "\"input_required\"", "\"error\"", "\"taskId\""];

export interface Judged {
  outcome: Outcome;
  /** Parsed, where something in it may have to be exchanged. */
  message: RpcMessage | null;
}

/** @returns null when it is no answer to this request */
export function judge(body: Buffer, id: RequestId): Judged | null {
  if (body.length > PARSED_WHOLE && !TELLING.some((word) => body.includes(word))) {
    const whole = body[0] === 0x7b && body.includes("\"result\"") && body.includes(`"id":${JSON.stringify(id)}`) && body.subarray(-8).toString().trimEnd().endsWith("}");
    return whole ? { outcome: "ok", message: null } : null;
  }
  try {
    const message: unknown = JSON.parse(body.toString("utf8"));
    return typeof message === "object" && message !== null ? judgeMessage(message, id) : null;
  } catch {
    return null;
  }
}

export function judgeMessage(message: RpcMessage, id: RequestId): Judged | null {
  if (message.id !== id) return null;
  if (typeof message.error === "object" && message.error !== null) return typeof message.error.code === "number" ? { outcome: "protocol_error", message } : null;
  if (typeof message.result !== "object" || message.result === null) return null;
  const { isError, resultType } = message.result;
  const outcome = isError === true ? "tool_error" : resultType === "input_required" ? "input_required" : resultType === "task" ? "task" : "ok";
  return { outcome, message };
}
