/** A run as the tools of this server show it. */
import { z } from "zod";
import { TASK_STATES, type Task } from "../../../../contract/tasks.ts";
import { RUN_WORKFLOW, STEP_STATES, type StepState, type Workflow } from "../../../../contract/workflow.ts";
import { UserFault } from "../../../kit/errors.ts";
import type { Deps } from "./deps.ts";
import type { RunView, UnitView } from "./run-reader.ts";

export const RunId = z.uuid().describe("Id of the run, as start_workflow answered it.");

const ErrorView = z.object({ code: z.string().describe("For programs."), message: z.string().describe("For people.") });
const Time = z.string().nullable().describe("ISO 8601; null until then.");
const Counts = z.partialRecord(z.enum(STEP_STATES), z.int()).describe("How many are in each state.");

export const RunHead = z.object({
  id: z.string().describe("Id of the run, which is a task of the coordinator."),
  name: z.string().nullable().describe("As the workflow says; null where it has none, or is too large to be listed."),
  state: z.enum(TASK_STATES).describe("Of the run's task: pending and active are on their way, the others final."),
  settling: z.boolean().describe("It has failed or been cancelled, and what had succeeded is being undone; its steps still change."),
  createdAt: z.string().describe("ISO 8601."),
  finishedAt: Time,
  steps: Counts,
});

export const StepView = z.object({
  id: z.string().describe("As the workflow names it."),
  runs: z.string().describe("Type and action, as in builder.compile_solidity."),
  state: z.enum(STEP_STATES).describe("waiting for other steps or a place; skipped, with the reason."),
  reason: z.string().nullable().describe("Why it was skipped."),
  taskId: z.string().nullable().describe("Its task, for get_task; null before it is submitted and for a fan-out."),
  progress: z.number().nullable().describe("Share done, 0 to 1, of a running one whose action tells it."),
  attempts: z.int().describe("Of its task, or of all items together."),
  startedAt: Time,
  finishedAt: Time,
  result: z.unknown().describe("Null until it succeeded, or where results were not asked for."),
  error: ErrorView.nullable().describe("Why it failed."),
  items: z.object({
    total: z.int().describe("One task each."),
    states: Counts,
    unsuccessful: z.array(z.object({
      index: z.int().describe("From 0."), state: z.enum(STEP_STATES).describe("Failed, cancelled or skipped."),
      taskId: z.string().nullable().describe("Its task."), error: ErrorView.nullable().describe("Why."),
    })).describe("The first 50."),
  }).nullable().describe("Of a step with forEach, once its list is known."),
  undone: z.object({
    succeeded: z.int().describe("Compensations that succeeded."), failed: z.int().describe("Compensations that failed: somebody has to look."),
    running: z.int().describe("Compensations on their way."), error: ErrorView.nullable().describe("Of the first that failed."),
  }).nullable().describe("Null where nothing was undone."),
});

/** @throws {UserFault} when there is no such run */
export async function runTask({ hub }: Pick<Deps, "hub">, id: string, signal?: AbortSignal): Promise<Task> {
  const task = await hub.getTask(id, signal);
  if (task.action !== RUN_WORKFLOW) throw new UserFault(`Task ${id} is no run of a workflow but ${task.type}'s ${task.action}. list_workflows has the runs.`);
  return task;
}

export const countsOf = (states: readonly StepState[]): Partial<Record<StepState, number>> =>
  Object.fromEntries([...Map.groupBy(states, (state) => state)].map(([state, { length }]) => [state, length]));

/** Also from the moment when the run's task is over until a coordinator has seen it. */
export const isSettling = (task: Pick<Task, "state">, run: Pick<RunView, "state"> | null | undefined): boolean =>
  run?.state === "settling" || (run?.state === "running" && ["failed", "cancelled", "dead"].includes(task.state));

export function stepView(step: Workflow["steps"][number], run: RunView | null, progressOf: (taskId: string) => number | null): z.input<typeof StepView> {
  const own = run?.units.find((unit) => unit.step === step.id && unit.item === -1);
  const items = run?.units.filter((unit) => unit.step === step.id && unit.item >= 0) ?? [];
  const taskId = own?.taskId ?? null;
  return {
    id: step.id,
    runs: `${step.type}.${step.action}`,
    state: own?.state ?? "waiting",
    reason: own?.reason ?? null,
    taskId,
    progress: own?.state === "running" && taskId !== null ? progressOf(taskId) : null,
    attempts: own?.attempts ?? 0,
    startedAt: own?.startedAt ?? null,
    finishedAt: own?.finishedAt ?? null,
    result: own?.result ?? null,
    error: own?.error ?? null,
    items: items.length === 0 ? null : {
      total: items.length,
      states: countsOf(items.map(({ state }) => state)),
      unsuccessful: items.filter(({ state }) => state !== "succeeded" && state !== "running" && state !== "waiting").slice(0, 50)
        .map(({ item, state, taskId: task, error }) => ({ index: item, state, taskId: task, error })),
    },
    undone: undoneOf(own ? [own, ...items] : items),
  };
}

function undoneOf(units: readonly UnitView[]): z.input<typeof StepView>["undone"] {
  const compensations = units.flatMap(({ compensation }) => compensation ?? []);
  if (compensations.length === 0) return null;
  const count = (state: string): number => compensations.filter((one) => one.state === state).length;
  return { succeeded: count("succeeded"), failed: count("failed"), running: count("running"), error: compensations.find(({ error }) => error)?.error ?? null };
}
