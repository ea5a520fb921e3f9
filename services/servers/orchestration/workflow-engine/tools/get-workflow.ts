import { z } from "zod";
import { Workflow } from "../../../../../contract/workflow.ts";
import { defineTool } from "../../../../kit/tool.ts";
import type { Deps } from "../deps.ts";
import { countsOf, isSettling, RunHead, RunId, runTask, StepView, stepView } from "../workflow-view.ts";

/** Of so many running steps the progress is asked for. */
const ASKED = 16;

export const getWorkflow = defineTool<Deps>()({
  name: "get_workflow",
  title: "Look at a run",
  description: "Shows a run of a workflow: its state, and every step with state, result or error, times, the items of a fan-out, and what was undone.",
  input: z.strictObject({
    id: RunId,
    includeResults: z.boolean().default(true).describe("With the results of the steps and of the run."),
  }),
  output: RunHead.omit({ steps: true }).extend({
    progress: z.number().nullable().describe("Share done, 0 to 1."),
    error: z.string().nullable().describe("Why it failed or was cancelled, and what was undone; null otherwise."),
    output: z.unknown().describe("What the workflow's own output says, once it has succeeded; null where it says nothing."),
    stepStates: RunHead.shape.steps,
    steps: z.array(StepView).describe("In the order of the workflow."),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  async handler({ id, includeResults }, { deps, signal }) {
    const task = await runTask(deps, id, signal);
    const workflow = Workflow.parse(task.input);
    const run = await deps.runs.read(id, includeResults);
    const running = (run?.units ?? []).flatMap((unit) => (unit.item === -1 && unit.state === "running" ? unit.taskId ?? [] : [])).slice(0, ASKED);
    const progress = new Map(await Promise.all(running.map(async (taskId) => [taskId, (await deps.hub.getTask(taskId, signal)).progress] as const)));
    const steps = workflow.steps.map((step) => stepView(step, run, (taskId) => progress.get(taskId) ?? null));
    return {
      id, name: workflow.name ?? null, state: task.state, settling: isSettling(task, run), createdAt: task.createdAt, finishedAt: task.finishedAt,
      progress: task.progress,
      error: run?.reason ?? task.error?.message ?? null,
      output: includeResults ? (task.result as { output?: unknown } | undefined)?.output ?? null : null,
      stepStates: countsOf(steps.map(({ state }) => state)),
      steps,
    };
  },
});
