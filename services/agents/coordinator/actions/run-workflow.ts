import { z } from "zod";
import { defineAction } from "../../../kit/agent.ts";
import { AttemptEnded } from "../../../kit/agent/attempt.ts";
import { PermanentError, UserFault } from "../../../kit/errors.ts";
import type { CoordinatorDeps } from "../deps.ts";
import { WorkflowRun } from "../run/workflow-run.ts";
import { Workflow } from "../workflow/definition.ts";
import { graphOf } from "../workflow/graph.ts";
import { nestedWorkflows } from "../workflow/no-nesting.ts";

const StepResult = z.object({
  state: z.enum(["succeeded", "failed", "cancelled", "skipped"]),
  taskId: z.string().nullable(),
  reason: z.string().optional().describe("Why it was skipped."),
  result: z.unknown().optional(),
  error: z.object({ code: z.string(), message: z.string() }).nullish(),
  attempts: z.number().int(),
  startedAt: z.string().nullable(),
  finishedAt: z.string().nullable(),
  durationMs: z.number().int().nullable(),
});

/**
 * Cancelling the workflow cancels the steps that run. A stop of the agent or a lost attempt does not: the next attempt
 * finds them by their idempotency keys and goes on.
 */
export const runWorkflow = defineAction<CoordinatorDeps>()({
  name: "run_workflow",
  description:
    "Runs a graph of tasks: each step is a task of some agent type, starts when the steps it needs have succeeded, and may use their results through references. Fails when a step fails, naming it.",
  input: Workflow,
  output: z.object({
    name: z.string().nullable(),
    steps: z.record(z.string(), StepResult).describe("By step id."),
    durationMs: z.number().int(),
  }),
  async handler(workflow, { deps, taskId, attempt, signal, progress }) {
    const started = performance.now();
    const graph = graphOf(workflow);
    const problems = [...("problems" in graph ? graph.problems : []), ...nestedWorkflows(workflow)];
    if ("problems" in graph || problems.length > 0) throw new PermanentError(`The workflow cannot run: ${problems.join("; ")}. validate_workflow tells without running it.`);
    const run = new WorkflowRun(workflow, graph, { hub: deps.hub, taskId, attempt, signal, progress, poll: deps.poll });
    try {
      await run.run();
    } catch (error) {
      if (isFinal(error)) await run.cancelRunning();
      throw error;
    }
    return { name: workflow.name ?? null, steps: run.reports as Record<string, z.input<typeof StepResult>>, durationMs: Math.round(performance.now() - started) };
  },
});

/** No later attempt will look after the steps that run. */
function isFinal(error: unknown): boolean {
  if (error instanceof AttemptEnded) return error.why === "cancelled" || error.why === "deadline";
  return error instanceof PermanentError || error instanceof UserFault;
}
