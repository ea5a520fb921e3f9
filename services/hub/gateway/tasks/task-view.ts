/** A call of the ledger as clients see it: a task of the extension io.modelcontextprotocol/tasks. Pure. */
import type { TaskState } from "../../../../contract/tasks.ts";
import type { DetailedTask, TaskStatus, WireError, WireTask } from "../../../kit/mcp/task-wire.ts";
import { INTERNAL_ERROR } from "../protocol/refusal.ts";
import type { KnownCall, StoredCall } from "./call-ledger.ts";
import { rpcCodeOf } from "./call-outcome.ts";

/** The fabric deletes no task that ended less than a day ago. */
const TTL_MS = 86_400_000;
const POLL_MS = 1_000;

const STATUS: Record<TaskState, TaskStatus> = { pending: "working", active: "working", succeeded: "completed", failed: "failed", dead: "failed", cancelled: "cancelled" };

export function createdOf({ id, state, createdAt, updatedAt }: StoredCall): WireTask {
  return { taskId: id, status: STATUS[state], createdAt: createdAt.toISOString(), lastUpdatedAt: updatedAt.toISOString(), ttlMs: TTL_MS, pollIntervalMs: POLL_MS };
}

/**
 * Result of `tasks/get`, as JSON text.
 *
 * @param live what the server says of it now, of a call under way; null when it says nothing
 */
export function detailedOf(call: KnownCall, live: DetailedTask | null): string {
  const message = messageOf(call, live);
  const task = {
    resultType: "complete", ...createdOf(call),
    ...(live?.status === "input_required" ? { status: live.status, inputRequests: live.inputRequests ?? {} } : {}),
    ...(live && live.lastUpdatedAt > call.updatedAt.toISOString() ? { lastUpdatedAt: live.lastUpdatedAt } : {}),
    ...(message === undefined ? {} : { statusMessage: message }),
    ...(STATUS[call.state] === "failed" ? { error: errorOf(call) } : {}),
  };
  const text = JSON.stringify(task);
  // The result stays the text that it is: it may be megabytes.
  return call.result === null ? text : `${text.slice(0, -1)},"result":${call.result}}`;
}

function messageOf({ state, attempt, error }: KnownCall, live: DetailedTask | null): string | undefined {
  if (state === "pending") return `Attempt ${attempt} broke off; the next one follows. ${error?.message ?? ""}`.trim();
  if (live) return live.statusMessage;
  return state === "failed" || state === "dead" ? error?.message : undefined;
}

function errorOf({ error }: KnownCall): WireError {
  if (!error) return { code: INTERNAL_ERROR, message: "The call failed" };
  const code = rpcCodeOf(error.code);
  return code === null ? { code: INTERNAL_ERROR, message: error.message, data: { reason: error.code } } : { code, message: error.message };
}
