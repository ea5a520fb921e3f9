import { z } from "zod";
import { TASK_STATES } from "../../../../../contract/tasks.ts";
import { defineTool } from "../../../../kit/tool.ts";
import type { Deps } from "../deps.ts";
import { RunId, runTask } from "../workflow-view.ts";

export const cancelWorkflow = defineTool<Deps>()({
  name: "cancel_workflow",
  title: "Cancel a run",
  description: "Cancels a run that has not ended: what waits never starts, running tasks are cancelled, and then what had succeeded is undone as its steps say, the last to end first. get_workflow shows how far that is; retry_workflow takes the run up again.",
  input: z.strictObject({ id: RunId }),
  output: z.object({
    id: z.string().describe("Id of the run."),
    state: z.enum(TASK_STATES).describe("cancelled; active while its agent still winds down."),
  }),
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
  async handler({ id }, { deps, caller, log, signal }) {
    await runTask(deps, id, signal);
    const receipt = await deps.hub.cancelTask(id, signal);
    log.info({ taskId: id, caller: caller?.sub }, "workflow cancelled");
    return receipt;
  },
});
