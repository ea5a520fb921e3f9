/** Why a run failed and what was undone, in words. Pure. */
import type { Workflow } from "../../../../contract/workflow.ts";
import { failedSteps } from "../workflow/decide.ts";
import { isUnsuccessful, nameOf, taskUnits, unitAt, type Progress } from "../workflow/progress.ts";

/** Names every failed step with its task and error; what was cancelled because another failed is no reason of its own. */
export function failureText(workflow: Workflow, progress: Progress): string {
  const unsuccessful = [
    ...failedSteps(workflow, progress).filter(({ id }) => progress[id]!.items === null).map((step) => ({ step, index: null })),
    ...taskUnits(workflow, progress).filter((ref) => ref.index !== null && !ref.step.allowFailure && isUnsuccessful(unitAt(progress, ref))),
  ];
  const failed = unsuccessful.filter((ref) => unitAt(progress, ref).state === "failed");
  return (failed.length > 0 ? failed : unsuccessful).slice(0, 10).map((ref) => {
    const { taskId, state, error } = unitAt(progress, ref);
    const name = `step "${ref.step.id}"${ref.index === null ? "" : `, item ${ref.index}`}`;
    return `${name} ${taskId === null ? "was refused" : `(task ${taskId}) ${state}`}: ${error?.message ?? "no reason given"}`;
  }).join("; ");
}

/** `; undone: b, a; could not undo c (task …): reason`, or nothing. */
export function undoneText(workflow: Workflow, progress: Progress): string {
  const { undone, notUndone } = undoneUnits(workflow, progress);
  return [
    ...(undone.length > 0 ? [`; undone: ${undone.join(", ")}`] : []),
    ...notUndone.map(({ unit, taskId, message }) => `; could not undo ${unit}${taskId === null ? "" : ` (task ${taskId})`}: ${message}`),
  ].join("").slice(0, 1_500);
}

export function undoneUnits(workflow: Workflow, progress: Progress): { undone: string[]; notUndone: { unit: string; taskId: string | null; message: string }[] } {
  const tried = taskUnits(workflow, progress).map((ref) => ({ unit: nameOf(ref), compensation: unitAt(progress, ref).compensation }));
  return {
    undone: tried.flatMap(({ unit, compensation }) => (compensation?.state === "succeeded" ? [unit] : [])),
    notUndone: tried.flatMap(({ unit, compensation }) =>
      (compensation?.state === "failed" ? [{ unit, taskId: compensation.taskId, message: compensation.error?.message ?? "no reason given" }] : [])),
  };
}
