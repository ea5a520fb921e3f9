/** Units as rows of `workflows.units`, there and back. */
import type { Progress, StepProgress, Unit } from "../workflow/progress.ts";
import type { UnitRow } from "./run-store.ts";

/** As the database gives it. */
export type DatabaseRow = { step: string; item: number } & Unit;

/** Column names for `json_to_recordset`. */
export function rowOf({ step, item, unit }: UnitRow): Record<string, unknown> {
  const { taskId, startedAt, finishedAt, state, round, replay, reason, result, error, attempts, compensation } = unit;
  return { step, item, state, task_id: taskId, round, replay, reason, result, error, attempts, started_at: startedAt, finished_at: finishedAt, compensation };
}

/** @param rows ordered by step and item, as -1, 0, 1, … */
export function progressOf(rows: readonly DatabaseRow[]): Progress {
  const progress: Progress = {};
  for (const { step, item, ...row } of rows) {
    // SQL cannot tell a result that is null from none.
    const unit: Unit = row.result === null && row.state !== "succeeded" ? { ...row, result: undefined } : row;
    if (item === -1) progress[step] = { ...unit, items: null } satisfies StepProgress;
    else (progress[step]!.items ??= []).push(unit);
  }
  return progress;
}
