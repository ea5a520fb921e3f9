/** What a run answers. */
import { z } from "zod";
import type { Workflow } from "../../../../contract/workflow.ts";
import { messageOf } from "../../../kit/errors.ts";
import { scopeOf } from "../workflow/decide.ts";
import type { Progress, StepProgress } from "../workflow/progress.ts";
import { resolve } from "../workflow/resolve.ts";
import type { Driven } from "./drive.ts";

const StepResult = z.object({
  state: z.enum(["succeeded", "failed", "cancelled", "skipped"]),
  taskId: z.string().nullable(),
  reason: z.string().optional().describe("Why it was skipped."),
  result: z.unknown().optional(),
  resultLeftOut: z.boolean().optional().describe("The results of all steps were too large to travel together; get_workflow, or the step's task, has it."),
  items: z.number().int().optional().describe("Tasks of a step with forEach."),
  error: z.object({ code: z.string(), message: z.string() }).nullish(),
  attempts: z.number().int(),
  startedAt: z.string().nullable(),
  finishedAt: z.string().nullable(),
  durationMs: z.number().int().nullable(),
});

export const RunAnswer = z.object({
  name: z.string().nullable(),
  output: z.record(z.string(), z.unknown()).optional().describe("As the workflow says; the steps' results are left out then."),
  steps: z.record(z.string(), StepResult).describe("By step id."),
  durationMs: z.number().int(),
});

/** All results together; below what a task's result may have, with room for the rest. */
const RESULTS_LIMIT_BYTES = 3 * 1024 * 1024;

/** Why the workflow's output cannot be given, told before the run counts as succeeded; null when it can. */
export function outputProblem(workflow: Workflow, progress: Progress): string | null {
  try {
    const bytes = Buffer.byteLength(JSON.stringify(resolve(workflow.output ?? {}, scopeOf(workflow, progress))));
    return bytes > RESULTS_LIMIT_BYTES ? `output: it has ${bytes} bytes; at most ${RESULTS_LIMIT_BYTES} can be answered. Answer where it is stored instead.` : null;
  } catch (error) {
    return `output: ${messageOf(error)}`;
  }
}

export function answerOf(workflow: Workflow, { progress, startedAt }: Driven): z.input<typeof RunAnswer> {
  const output = workflow.output && (resolve(workflow.output, scopeOf(workflow, progress)) as Record<string, unknown>);
  const results = workflow.steps.map(({ id }) => progress[id]!.result);
  const tooLarge = Buffer.byteLength(JSON.stringify(results)) > RESULTS_LIMIT_BYTES;
  return {
    name: workflow.name ?? null,
    ...(output && { output }),
    steps: Object.fromEntries(workflow.steps.map(({ id }) => [id, stepOf(progress[id]!, output !== undefined, tooLarge)])),
    durationMs: Date.now() - Date.parse(startedAt),
  };
}

function stepOf(step: StepProgress, withoutResult: boolean, tooLarge: boolean): z.input<typeof StepResult> {
  const { state, taskId, reason, result, items, error, attempts, startedAt, finishedAt } = step;
  return {
    state: state as z.input<typeof StepResult>["state"],
    taskId,
    ...(reason !== null && { reason }),
    ...(!withoutResult && !tooLarge && { result }),
    ...(!withoutResult && tooLarge && { resultLeftOut: true }),
    ...(items && { items: items.length }),
    error, attempts, startedAt, finishedAt,
    durationMs: startedAt !== null && finishedAt !== null ? Date.parse(finishedAt) - Date.parse(startedAt) : null,
  };
}
