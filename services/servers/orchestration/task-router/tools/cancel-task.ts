import { z } from "zod";
import { TASK_STATES } from "../../../../../contract/tasks.ts";
import { defineTool } from "../../../../kit/tool.ts";
import type { Deps } from "../deps.ts";
import { TaskId } from "../task-view.ts";

export const cancelTask = defineTool<Deps>()({
  name: "cancel_task",
  title: "Cancel a task",
  description: "Cancels a task that has not ended. One that waits never starts; the agent of a running one is told to stop, and what it has done so far stays done. A cancelled task cannot be resumed, only submitted anew.",
  input: z.strictObject({ id: TaskId }),
  output: z.object({
    id: z.string().describe("Id of the task."),
    state: z.enum(TASK_STATES).describe("cancelled; active while its agent still winds down."),
  }),
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
  async handler({ id }, { deps, caller, log, signal }) {
    const receipt = await deps.hub.cancelTask(id, signal);
    log.info({ taskId: id, caller: caller?.sub }, "task cancelled");
    return receipt;
  },
});
