/** Where a retried workflow begins. Pure. */
import { ancestorsOf, type Graph } from "../../../../contract/workflow-graph.ts";
import type { Workflow } from "../../../../contract/workflow.ts";
import { isUnsuccessful, newUnit, type Progress, type StepProgress, type Unit } from "./progress.ts";

/**
 * What was undone is done again, and so is what used its results, by new tasks: the old ones would answer what is no
 * longer so. A step that failed gets fresh attempts of its own task, whose completed effects are not repeated. Other
 * results stand, as do failures that the workflow allows.
 */
export function renew({ steps }: Pick<Workflow, "steps">, { needs }: Pick<Graph, "needs">, progress: Progress): Progress {
  const undone = new Set(steps.filter(({ id }) => [progress[id]!, ...(progress[id]!.items ?? [])].some(({ compensation }) => compensation !== null)).map(({ id }) => id));
  const anew = new Set(steps.filter(({ id }) => undone.has(id) || [...ancestorsOf(id, needs)].some((need) => undone.has(need))).map(({ id }) => id));
  return Object.fromEntries(steps.map(({ id, allowFailure }): [string, StepProgress] => {
    const step = progress[id]!;
    const round = Math.max(step.round, ...(step.items ?? []).map((item) => item.round));
    if (anew.has(id)) return [id, { ...newUnit(), round: round + 1, items: null }];
    if (step.state === "succeeded" || (allowFailure && isUnsuccessful(step))) return [id, step];
    const items = step.items?.map((item) => (item.state === "succeeded" ? item : again(item))) ?? null;
    return [id, { ...again(step), items }];
  }));
}

function again(unit: Unit): Unit {
  return { ...newUnit(), round: unit.round, replay: isUnsuccessful(unit) };
}
