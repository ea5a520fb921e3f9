import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { FINAL_STATES, type Task } from "../../../../../contract/tasks.ts";
import { Unavailable } from "../../../../kit/errors.ts";
import { defineTool } from "../../../../kit/tool.ts";
import type { Deps } from "../deps.ts";
import { detailOf, TaskDetail, TaskId } from "../task-view.ts";

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1_000;

export const waitForTask = defineTool<Deps>()({
  name: "wait_for_task",
  title: "Wait for a task",
  description: "Waits until a task has ended, or for as long as you say (at most 60 seconds), and answers it as it is then. When done is false the task goes on: call again.",
  input: z.strictObject({
    id: TaskId,
    timeoutSeconds: z.number().min(0).max(60).default(30).describe("Longest wait, in seconds."),
  }),
  output: TaskDetail.extend({
    done: z.boolean().describe("The task has ended; false: the time is over and it goes on."),
    waitedMs: z.int().describe("How long this call waited."),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  async handler({ id, timeoutSeconds }, { deps, signal }) {
    const startedAt = Date.now();
    const until = startedAt + timeoutSeconds * 1_000;
    let task = await deps.hub.getTask(id, signal);
    for (let pause = FIRST_PAUSE_MS; !isDone(task) && Date.now() < until; pause = Math.min(pause * 1.5, LONGEST_PAUSE_MS)) {
      await sleep(Math.min(pause, Math.max(0, until - Date.now())), undefined, { signal });
      task = await newer(deps, task, signal);
    }
    return { ...detailOf(task), done: isDone(task), waitedMs: Date.now() - startedAt };
  },
});

const isDone = (task: Task): boolean => FINAL_STATES.includes(task.state);

/** A hub that restarts while somebody waits is no reason to stop waiting. */
async function newer({ hub }: Deps, task: Task, signal: AbortSignal): Promise<Task> {
  try {
    return await hub.getTask(task.id, signal);
  } catch (error) {
    if (error instanceof Unavailable) return task;
    throw error;
  }
}
