/** What a workflow does next, from what has become of its steps. Pure. */
import type { Graph } from "../../../../contract/workflow-graph.ts";
import { conditionsOf, type Step, type Workflow } from "../../../../contract/workflow.ts";
import { messageOf } from "../../../kit/errors.ts";
import { holds } from "./conditions.ts";
import { hasEnded, isUnsuccessful, taskUnits, unitAt, type Progress, type UnitRef } from "./progress.ts";
import type { Scope } from "./resolve.ts";

export interface Decision {
  /** To be submitted now. */
  start: UnitRef[];
  /** Ready steps whose list is to be read. */
  fanOut: Step[];
  /** Will never run, with the reason. */
  skip: { id: string; reason: string }[];
  /** Cannot run: a condition reads what is not there. */
  fail: { id: string; message: string }[];
  /** What the run has come to; null while it goes on. A run that stops at a failure ends although steps run. */
  end: "succeeded" | "failed" | null;
}

/** Steps whose end fails the workflow. */
export function failedSteps({ steps }: Pick<Workflow, "steps">, progress: Progress): Step[] {
  return steps.filter((step) => !step.allowFailure && isUnsuccessful(progress[step.id]!));
}

/** Steps that have failed as far as one can tell before all their items have ended. */
function isFailing(step: Step, progress: Progress): boolean {
  const { items } = progress[step.id]!;
  return !step.allowFailure && (isUnsuccessful(progress[step.id]!) || (items ?? []).some(isUnsuccessful));
}

export const scopeOf = ({ input }: Pick<Workflow, "input">, progress: Progress): Scope => ({ input, steps: progress });

export function decide(workflow: Workflow, graph: Graph, progress: Progress): Decision {
  const decision: Decision = { start: [], fanOut: [], skip: [], fail: [], end: null };
  const steps = new Map(workflow.steps.map((step) => [step.id, step]));
  if (workflow.onFailure === "stop" && workflow.steps.some((step) => isFailing(step, progress))) {
    for (const { id } of workflow.steps) if (progress[id]!.state === "waiting") decision.skip.push({ id, reason: "the workflow has failed" });
    return { ...decision, end: "failed" };
  }
  const scope = scopeOf(workflow, progress);
  let room = workflow.parallel - taskUnits(workflow, progress).filter((ref) => unitAt(progress, ref).state === "running").length;
  for (const step of workflow.steps) {
    const { state, items } = progress[step.id]!;
    if (state === "running" && items) {
      const startable = startableItems(step, progress).slice(0, Math.max(0, room));
      decision.start.push(...startable);
      room -= startable.length;
    }
    if (state !== "waiting") continue;
    const needs = [...graph.needs.get(step.id)!];
    const blocking = needs.find((id) => blocks(progress[id]!, steps.get(id)!));
    if (blocking !== undefined) {
      decision.skip.push({ id: step.id, reason: `"${blocking}" is ${progress[blocking]!.state}` });
      continue;
    }
    if (!needs.every((id) => hasEnded(progress[id]!))) continue;
    const verdict = conditionsHold(step, scope);
    if (verdict === false) decision.skip.push({ id: step.id, reason: "its condition does not hold" });
    else if (verdict !== true) decision.fail.push({ id: step.id, message: verdict });
    else if (step.forEach !== undefined) decision.fanOut.push(step);
    else if (room > 0) {
      decision.start.push({ step, index: null });
      room--;
    }
  }
  if (workflow.steps.every(({ id }) => hasEnded(progress[id]!))) decision.end = failedSteps(workflow, progress).length > 0 ? "failed" : "succeeded";
  return decision;
}

function startableItems(step: Step, progress: Progress): UnitRef[] {
  const items = progress[step.id]!.items!;
  const running = items.filter(({ state }) => state === "running").length;
  return items.flatMap(({ state }, index) => (state === "waiting" ? [{ step, index }] : []))
    .slice(0, step.parallel === undefined ? undefined : Math.max(0, step.parallel - running));
}

/** @returns why it cannot be told, where it reads what is not there */
function conditionsHold(step: Step, scope: Scope): boolean | string {
  try {
    return conditionsOf(step).every((condition) => holds(condition, scope));
  } catch (error) {
    return messageOf(error);
  }
}

function blocks(status: Progress[string], step: Step): boolean {
  return status.state === "skipped" || (isUnsuccessful(status) && !step.allowFailure);
}
