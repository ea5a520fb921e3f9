/** One attempt at a task: within its time, ended by a signal, always with a result message. */
import { RESULT_LIMIT_BYTES, type ResultMessage, type TaskMessage } from "../../../contract/bus.ts";
import type { Action, ActionContext } from "../action.ts";
import { PermanentError } from "../errors.ts";
import { runAction } from "./run-action.ts";
import { taskErrorOf } from "./task-error.ts";

/** Why an attempt was ended from outside; the reason of its abort signal. */
export class AttemptEnded extends Error {
  override name = "AttemptEnded";
  readonly why: "cancelled" | "timeout" | "deadline" | "returned";
  constructor(why: AttemptEnded["why"], message: string) {
    super(message);
    this.why = why;
  }
}

export interface AttemptOptions<D> {
  task: TaskMessage;
  agentId: string;
  actions: ReadonlyMap<string, Action<D>>;
  /** Aborted with an {@link AttemptEnded} to end the attempt. */
  controller: AbortController;
  context: Omit<ActionContext<D>, "taskId" | "attempt" | "signal">;
  /** Told of what nobody foresaw. */
  onSurprise(error: unknown): void;
}

/** Never throws. A handler that ignores its signal is left behind, and the attempt ends without it. */
export async function runAttempt<D>(options: AttemptOptions<D>): Promise<ResultMessage> {
  const { task, agentId, actions, controller, context } = options;
  const { signal } = controller;
  const base = { taskId: task.taskId, attempt: task.attempt, agentId };
  const untilDeadlineMs = task.deadline === null ? Infinity : Date.parse(task.deadline) - Date.now();
  const timer = setTimeout(
    () => controller.abort(untilDeadlineMs <= task.timeoutMs
      ? new AttemptEnded("deadline", `The deadline ${task.deadline} has passed.`)
      : new AttemptEnded("timeout", `The attempt took longer than ${task.timeoutMs} ms.`)),
    Math.max(0, Math.min(task.timeoutMs, untilDeadlineMs)),
  );
  let onAbort: (() => void) | undefined;
  try {
    const action = actions.get(task.action);
    if (!action) throw new PermanentError(`${task.type} has no action ${task.action}; its actions are ${[...actions.keys()].sort().join(", ")}.`);
    if (untilDeadlineMs <= 0) controller.abort(new AttemptEnded("deadline", `The deadline ${task.deadline} has passed.`));
    // Before the promise below is there: rejected with nobody to hear it, it would end the process.
    signal.throwIfAborted();
    const ended = new Promise<never>((_resolve, reject) => {
      onAbort = () => reject(signal.reason);
      signal.addEventListener("abort", onAbort, { once: true });
    });
    const result = await Promise.race([
      runAction(action, task.input, { ...context, taskId: task.taskId, attempt: task.attempt, signal }),
      ended,
    ]);
    const bytes = Buffer.byteLength(JSON.stringify(result) ?? "null");
    if (bytes > RESULT_LIMIT_BYTES) throw new PermanentError(`The result has ${bytes} bytes; at most ${RESULT_LIMIT_BYTES} can be stored. Store it elsewhere and return where.`);
    return { ...base, outcome: "succeeded", result };
  } catch (error) {
    if (signal.aborted && signal.reason instanceof AttemptEnded) return { ...base, ...endedResult(signal.reason) };
    const taskError = taskErrorOf(error);
    if (taskError.code === "internal") options.onSurprise(error);
    return { ...base, outcome: "failed", error: taskError };
  } finally {
    clearTimeout(timer);
    if (onAbort) signal.removeEventListener("abort", onAbort);
  }
}

function endedResult(reason: AttemptEnded): Pick<ResultMessage, "outcome" | "error"> {
  const { why, message } = reason;
  if (why === "cancelled" || why === "returned") return { outcome: why };
  return { outcome: "failed", error: { code: why, message, retryable: why === "timeout" } };
}
