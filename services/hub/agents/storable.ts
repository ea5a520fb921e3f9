/** Results that the database would refuse, made into ones that it takes. Pure. */
import { RESULT_LIMIT_BYTES, type ResultMessage, type TaskError } from "../../../contract/bus.ts";

/** What a message may have beside its result. */
const ENVELOPE_BYTES = 65_536;

/** @param bytes of the whole message */
export function withinLimit(result: ResultMessage, bytes: number): ResultMessage {
  if (bytes <= RESULT_LIMIT_BYTES + ENVELOPE_BYTES) return result;
  return refusedResult(result, "result_too_large", `The result has ${bytes} bytes; at most ${RESULT_LIMIT_BYTES} can be stored. Store it elsewhere and return where.`);
}

/**
 * What is stored instead of a result that PostgreSQL refused. An error keeps what it says but for the characters that
 * cannot be stored; a success without its result would be none, and the same result would come again.
 */
export function storable(result: ResultMessage): ResultMessage {
  const { taskId, attempt, agentId, outcome, error } = result;
  if (outcome === "succeeded") {
    return refusedResult(result, "unstorable", "The result holds text that cannot be stored, such as a NUL character, or is nested too deeply. Encode it, in base64 for instance.");
  }
  return { taskId, attempt, agentId, outcome, ...(error ? { error: cleaned(error) } : {}) };
}

const refusedResult = ({ taskId, attempt, agentId }: ResultMessage, code: string, message: string): ResultMessage =>
  ({ taskId, attempt, agentId, outcome: "failed", error: { code, message, retryable: false } });

const cleaned = ({ code, message, retryable }: TaskError): TaskError => ({ code: clean(code), message: clean(message), retryable });
const clean = (text: string): string => text.replaceAll("\u0000", "\ufffd").toWellFormed();
