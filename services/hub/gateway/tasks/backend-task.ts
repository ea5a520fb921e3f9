/** What the hub asks of the task that a server made of a call, in the name of its caller. */
import { messageOf } from "../../../kit/errors.ts";
import { ENDED, REQUIRED_CAPABILITIES, type DetailedTask, type TaskMethod } from "../../../kit/mcp/task-wire.ts";
import type { Credentials } from "../access/delegation.ts";
import { AnswerTooLarge, answerTo, ask, BackendError, requestWith } from "../backends/ask.ts";
import type { Fleet } from "../backends/fleet.ts";
import type { Replica } from "../backends/replica.ts";
import { INVALID_PARAMS, METHOD_NOT_FOUND } from "../protocol/refusal.ts";
import type { StoredCall } from "./call-ledger.ts";

export interface BackendTasksOptions {
  fleet: Fleet;
  credentials: Credentials;
}

/** The replica is not registered, or does not answer. */
export class Unreached extends Error { override name = "Unreached"; }
/** The server has no such task any more: the process that had it ended. */
export class Lost extends Error { override name = "Lost"; }

export class BackendTasks {
  readonly #options: BackendTasksOptions;

  constructor(options: BackendTasksOptions) {
    this.#options = options;
  }

  /** @throws {Unreached}, {Lost}, {AnswerTooLarge} */
  async get(call: StoredCall, signal: AbortSignal): Promise<DetailedTask> {
    const task = await this.tell(call, "tasks/get", {}, signal) as unknown as DetailedTask;
    const known = ENDED.has(task.status) || task.status === "working" || task.status === "input_required";
    if (!known) throw new Unreached(`${call.server} answered no task when it was asked for one`);
    return task;
  }

  /** @throws as {@link get} */
  async tell(call: StoredCall, method: TaskMethod, params: Record<string, unknown>, signal: AbortSignal): Promise<Record<string, unknown>> {
    const { server, handle, caller } = call;
    const replica = handle && this.#options.fleet.of(server).find(({ host }) => host === handle.replica);
    if (!replica) throw new Unreached(`the replica of ${server} that has the call is not registered`);
    const authorization = this.#options.credentials(caller, server);
    try {
      return await ask(replica, method, { ...params, taskId: handle.taskId }, { authorization, signal, name: handle.taskId, capabilities: REQUIRED_CAPABILITIES });
    } catch (error) {
      throw translated(error, server);
    }
  }

  /** Makes a call again. @returns the answer of `tools/call`, and who gave it. @throws {BackendError}, {Unreached} */
  async repeat(call: StoredCall, request: string, signal: AbortSignal): Promise<{ replica: Replica; answer: Record<string, unknown> }> {
    const { fleet, credentials } = this.#options;
    const replica = fleet.pick(call.server, []);
    if (!replica) throw new Unreached(`no replica of ${call.server} answers`);
    replica.inFlight++;
    try {
      return { replica, answer: await answerTo(replica, requestWith("tools/call", request, { authorization: credentials(call.caller, call.server), name: call.tool }), signal) };
    } catch (error) {
      if (error instanceof BackendError) throw error;
      throw translated(error, call.server);
    } finally {
      replica.inFlight--;
    }
  }
}

function translated(error: unknown, server: string): Error {
  if (error instanceof BackendError && (error.code === INVALID_PARAMS || error.code === METHOD_NOT_FOUND)) return new Lost(`${server} does not know the call any more: it started anew`);
  if (error instanceof AnswerTooLarge) return error;
  return new Unreached(messageOf(error), { cause: error });
}
