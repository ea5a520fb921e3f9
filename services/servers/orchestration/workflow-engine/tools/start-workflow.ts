import { z } from "zod";
import { PRIORITIES, TASK_STATES } from "../../../../../contract/tasks.ts";
import { COORDINATOR, RUN_WORKFLOW } from "../../../../../contract/workflow.ts";
import { UserFault } from "../../../../kit/errors.ts";
import { defineTool } from "../../../../kit/tool.ts";
import type { Deps } from "../deps.ts";
import { allProblems, InputOverride, readWorkflow, WorkflowInput } from "../read-workflow.ts";

export const startWorkflow = defineTool<Deps>()({
  name: "start_workflow",
  title: "Start a workflow",
  description: "Starts a run of a workflow and returns at once with its id. A workflow that cannot succeed is refused with everything that is wrong, naming the step. Follow the run with get_workflow.",
  input: z.strictObject({
    workflow: WorkflowInput,
    input: InputOverride,
    priority: z.enum(PRIORITIES).default("normal").describe("Of the run among other runs; its steps have the workflow's own."),
    deadline: z.iso.datetime({ offset: true }).optional().describe("RFC 3339; a run not done by then fails, and what had succeeded is undone."),
    idempotencyKey: z.string().min(1).max(100).optional().describe("Starting again with the same key gives the same run instead of a second one. Set it whenever you might repeat a call."),
  }),
  output: z.object({
    id: z.string().describe("Id of the run."),
    state: z.enum(TASK_STATES).describe("pending for a new run; whatever it is by now for a repeated key."),
    waves: z.array(z.array(z.string())).describe("Step ids; those of a wave can run at once."),
  }),
  // A step may do anything, so this must count as the strongest of them.
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
  async handler({ workflow: given, input, priority, deadline, idempotencyKey }, { deps, caller, log, signal }) {
    const reading = readWorkflow(given, input);
    const problems = allProblems(reading, await deps.hub.listActions(signal));
    if ("problems" in reading || problems.length > 0) throw new UserFault(`The workflow cannot run: ${problems.join("; ")}.`);
    // To the hub all calls come from this server: keys of different callers must not meet.
    const key = idempotencyKey && `${caller?.sub ?? "anonymous"}/${idempotencyKey}`.slice(0, 200);
    const receipt = await deps.hub.submitTask({
      type: COORDINATOR, action: RUN_WORKFLOW, input: reading.workflow, priority, ...(deadline && { deadline }), ...(key && { idempotencyKey: key }),
    }, signal);
    log.info({ taskId: receipt.id, workflow: reading.workflow.name, caller: caller?.sub }, "workflow started");
    return { ...receipt, waves: reading.graph.waves };
  },
});
