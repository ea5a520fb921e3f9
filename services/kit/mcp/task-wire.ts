/** The extension io.modelcontextprotocol/tasks (SEP-2663) as it is on the wire. Pure. */
import { CLIENT_CAPABILITIES_META_KEY } from "@modelcontextprotocol/server";

export const TASKS = "io.modelcontextprotocol/tasks";

export type TaskMethod = "tasks/get" | "tasks/update" | "tasks/cancel";
export const TASK_METHODS: ReadonlySet<string> = new Set<TaskMethod>(["tasks/get", "tasks/update", "tasks/cancel"]);

/** JSON-RPC error code of a request that wants an extension which its client did not declare; HTTP 400. */
export const MISSING_CAPABILITY = -32_021;
export const REQUIRED_CAPABILITIES = { extensions: { [TASKS]: {} } };

export type TaskStatus = "working" | "input_required" | "completed" | "cancelled" | "failed";
export const ENDED: ReadonlySet<TaskStatus> = new Set(["completed", "cancelled", "failed"]);

/** What `tools/call` answers instead of a result, beside `resultType: "task"`. */
export interface WireTask {
  taskId: string;
  status: TaskStatus;
  statusMessage?: string;
  /** RFC 3339. */
  createdAt: string;
  lastUpdatedAt: string;
  /** For so long after its creation a task can be asked for. */
  ttlMs: number | null;
  pollIntervalMs: number;
}

/** JSON-RPC error that ended a task. A tool that failed is no such error: its result says `isError`. */
export interface WireError { code: number; message: string; data?: unknown }

/** What `tasks/get` answers, beside `resultType: "complete"`. */
export interface DetailedTask extends WireTask {
  /** Of a completed task: what `tools/call` would have answered. */
  result?: Record<string, unknown>;
  /** Of a failed one. */
  error?: WireError;
  /** Of one that waits for its client, by keys that `tasks/update` answers. */
  inputRequests?: Record<string, unknown>;
}

/** Whether a request's envelope says that its client knows tasks; only then may it get one. */
export function declaresTasks(meta: unknown): boolean {
  const capabilities = (meta as Record<string, unknown> | null | undefined)?.[CLIENT_CAPABILITIES_META_KEY];
  const declared = (capabilities as { extensions?: Record<string, unknown> } | null | undefined)?.extensions?.[TASKS];
  return typeof declared === "object" && declared !== null;
}
