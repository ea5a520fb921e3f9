/** How far a run is: what has become of its steps, and of the items of those that fan out. */
import type { Step, StepState, Workflow } from "../../../../contract/workflow.ts";

export interface StepError { code: string; message: string }

/** What is done by one task: a step, or one item of a step that fans out. */
export interface Unit {
  state: StepState;
  /** Null before the task is submitted. A running unit without one is about to be: what was done about it is found by its key. */
  taskId: string | null;
  /** Counts how often it was undone and begun anew; part of the keys of its tasks, because their effects must happen again. */
  round: number;
  /** Its task had failed, and the workflow was retried: found unsuccessful, it gets fresh attempts instead of being believed. */
  replay: boolean;
  /** Why it was skipped. */
  reason: string | null;
  result?: unknown;
  error: StepError | null;
  /** Of its task. */
  attempts: number;
  startedAt: string | null;
  finishedAt: string | null;
  compensation: { state: "running" | "succeeded" | "failed"; taskId: string | null; error: StepError | null } | null;
}

export interface StepProgress extends Unit {
  /** In order of the list; null for a step without forEach, or one whose list is not known yet. */
  items: Unit[] | null;
}

export type Progress = Record<string, StepProgress>;

export function newUnit(): Unit {
  return {
    state: "waiting", taskId: null, round: 0, replay: false, reason: null, error: null, attempts: 0, startedAt: null, finishedAt: null, compensation: null,
  };
}

export const newProgress = ({ steps }: Pick<Workflow, "steps">): Progress =>
  Object.fromEntries(steps.map(({ id }) => [id, { ...newUnit(), items: null }]));

export const hasEnded = ({ state }: { state: StepState }): boolean => state !== "waiting" && state !== "running";
export const isUnsuccessful = ({ state }: { state: StepState }): boolean => state === "failed" || state === "cancelled";

/** A unit by its place. */
export interface UnitRef {
  step: Step;
  /** Place in the list; null for a step that is one task. */
  index: number | null;
}

export const unitAt = (progress: Progress, { step, index }: UnitRef): Unit =>
  index === null ? progress[step.id]! : progress[step.id]!.items![index]!;

/** The units that are tasks: a step that fans out is none itself. */
export function taskUnits({ steps }: Pick<Workflow, "steps">, progress: Progress): UnitRef[] {
  return steps.flatMap((step): UnitRef[] => {
    if (step.forEach === undefined) return [{ step, index: null }];
    return (progress[step.id]!.items ?? []).map((_, index) => ({ step, index }));
  });
}

export const nameOf = ({ step, index }: UnitRef): string => (index === null ? step.id : `${step.id}[${index}]`);

/** What a fan-out whose items have all ended has come to. */
export function fanIn(items: readonly Unit[]): Pick<StepProgress, "state" | "result" | "error" | "attempts" | "startedAt" | "finishedAt"> {
  const failed = items.map((item, index) => ({ item, index })).filter(({ item }) => item.state !== "succeeded");
  const first = failed.find(({ item }) => item.state === "failed") ?? failed.find(({ item }) => item.state === "cancelled") ?? failed[0];
  const times = (key: "startedAt" | "finishedAt"): string[] => items.flatMap((item) => item[key] ?? []).sort();
  return {
    state: first === undefined ? "succeeded" : first.item.state === "failed" ? "failed" : "cancelled",
    result: items.map((item) => (item.state === "succeeded" ? item.result ?? null : null)),
    error: first === undefined ? null : {
      code: first.item.error?.code ?? first.item.state,
      message: `item ${first.index}${failed.length > 1 ? ` and ${failed.length - 1} more` : ""}: ${first.item.error?.message ?? first.item.state}`,
    },
    attempts: items.reduce((sum, item) => sum + item.attempts, 0),
    startedAt: times("startedAt")[0] ?? null,
    finishedAt: times("finishedAt").at(-1) ?? null,
  };
}
