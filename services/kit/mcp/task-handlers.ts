/** The extension io.modelcontextprotocol/tasks on a server of the SDK, which leaves it to us: who gets a task, and what is asked of it. */
import { MissingRequiredClientCapabilityError, ProtocolError, ProtocolErrorCode, type CallToolResult, type Server, type ServerContext } from "@modelcontextprotocol/server";
import { z } from "zod";
import type { TaskSupport } from "../tool.ts";
import { callerOf } from "./caller.ts";
import type { TaskTable, TaskWork } from "./task-table.ts";
import { declaresTasks, REQUIRED_CAPABILITIES, TASKS, type TaskMethod } from "./task-wire.ts";

/** Part of a server's capabilities. */
export const TASK_CAPABILITIES = { extensions: { [TASKS]: {} } };

const OfTask = z.looseObject({ taskId: z.string() });
const ACK = { resultType: "complete" } as const;

/**
 * Work as the result of `tools/call`: at once, or as a task where tool and client allow it.
 *
 * @param support undefined of a tool whose calls never become tasks
 * @param work gets the request's signal while there is no task, and no way to ask the client either
 * @throws {MissingRequiredClientCapabilityError} when the tool wants a task and the client knows none
 */
export function startTask(
  table: TaskTable, support: TaskSupport | undefined, ctx: ServerContext, work: (signal: AbortSignal, task: TaskWork | null) => Promise<CallToolResult>,
): Promise<CallToolResult> {
  const { signal } = ctx.mcpReq;
  if (support !== undefined && knowsTasks(ctx)) {
    // The SDK's type of a result has no room for extensions; what goes over the wire has.
    return table.run(ownerOf(ctx), signal, (task) => work(task.signal, task)) as Promise<CallToolResult>;
  }
  if (support === "required") throw new MissingRequiredClientCapabilityError({ requiredCapabilities: REQUIRED_CAPABILITIES });
  return work(signal, null);
}

export function serveTasks(server: Server, table: TaskTable): void {
  const handle = (method: TaskMethod, answer: (owner: string, taskId: string, ctx: ServerContext) => object | null): void => {
    server.setRequestHandler(method as string, { params: OfTask }, ({ taskId }, ctx) => {
      if (!knowsTasks(ctx)) throw new MissingRequiredClientCapabilityError({ requiredCapabilities: REQUIRED_CAPABILITIES });
      const answered = answer(ownerOf(ctx), taskId, ctx);
      if (!answered) throw new ProtocolError(ProtocolErrorCode.InvalidParams, "There is no such task: it is another caller's, was forgotten, or ended with the process that had it.");
      return { ...ACK, ...answered };
    });
  };
  handle("tasks/get", (owner, id) => table.get(owner, id));
  // The SDK takes these answers out of `params`, as it does for a call that is asked back.
  handle("tasks/update", (owner, id, { mcpReq: { inputResponses } }) => {
    if (!inputResponses) throw new ProtocolError(ProtocolErrorCode.InvalidParams, "params.inputResponses must be an object: an answer to each key of inputRequests");
    return table.update(owner, id, inputResponses) ? {} : null;
  });
  handle("tasks/cancel", (owner, id) => (table.cancel(owner, id) ? {} : null));
}

/** Of clients of the modern era: others have no envelope. */
const knowsTasks = (ctx: ServerContext): boolean => declaresTasks(ctx.mcpReq.envelope);
const ownerOf = (ctx: ServerContext): string => callerOf(ctx)?.sub ?? "";
