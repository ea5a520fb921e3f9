import { z } from "zod";
import { TASK_STATES } from "../../../../../contract/tasks.ts";
import { defineTool } from "../../../../kit/tool.ts";
import type { Deps } from "../deps.ts";
import { RunId, runTask } from "../workflow-view.ts";

export const retryWorkflow = defineTool<Deps>()({
  name: "retry_workflow",
  title: "Retry a run",
  description: "Takes up a run that failed or was cancelled: steps that had succeeded keep their results, those that failed get fresh attempts, and what was undone is done again, with everything that used it. Look at its error with get_workflow first.",
  input: z.strictObject({ id: RunId }),
  output: z.object({
    id: z.string().describe("Id of the run, which stays the same."),
    state: z.enum(TASK_STATES).describe("pending: it waits for the coordinator again."),
  }),
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
  async handler({ id }, { deps, caller, log, signal }) {
    await runTask(deps, id, signal);
    const receipt = await deps.hub.replayTask(id, signal);
    log.info({ taskId: id, caller: caller?.sub }, "workflow retried");
    return receipt;
  },
});
