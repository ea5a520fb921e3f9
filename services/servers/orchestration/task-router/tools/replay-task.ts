import { z } from "zod";
import { TASK_STATES } from "../../../../../contract/tasks.ts";
import { defineTool } from "../../../../kit/tool.ts";
import type { Deps } from "../deps.ts";
import { TaskId } from "../task-view.ts";

export const replayTask = defineTool<Deps>()({
  name: "replay_task",
  title: "Replay a task",
  description: "Runs a task that ended without success once more, with its attempts counted anew. Look at its error with get_task first: the same input fails the same way unless the cause is gone. Effects that its earlier attempts completed are not repeated.",
  input: z.strictObject({ id: TaskId }),
  output: z.object({
    id: z.string().describe("Id of the task."),
    state: z.enum(TASK_STATES).describe("pending: it waits for an agent again."),
  }),
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
  async handler({ id }, { deps, caller, log, signal }) {
    const receipt = await deps.hub.replayTask(id, signal);
    log.info({ taskId: id, caller: caller?.sub }, "task replayed");
    return receipt;
  },
});
