import { z } from "zod";
import { defineAction } from "../../../kit/agent.ts";
import type { CoordinatorDeps } from "../deps.ts";
import { settleRun } from "../run/settle-run.ts";

/** A task of its own, because a cancelled one has seconds to end, and undoing may take long and must outlive its agent. */
export const settleWorkflow = defineAction<CoordinatorDeps>()({
  name: "settle_workflow",
  description:
    "Ends a run of run_workflow that was cancelled or given up: cancels its running tasks and undoes what had succeeded, the last first. Submitted by the coordinator itself; repeating it is harmless, and a run that goes on is left alone.",
  input: z.strictObject({ run: z.uuid().describe("Id of the run_workflow task.") }),
  output: z.object({
    state: z.enum(["failed", "cancelled"]).nullable().describe("What the run has come to; null where there was nothing to settle, or somebody else does."),
    undone: z.array(z.string()).describe("Steps, or items as in `step[2]`."),
    notUndone: z.array(z.object({ unit: z.string(), taskId: z.string().nullable(), message: z.string() })).describe("Those whose compensation failed."),
  }),
  handler: ({ run }, { deps, signal, progress }) => settleRun(deps, run, { signal, progress }),
});
