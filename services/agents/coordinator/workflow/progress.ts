/** What a workflow does next, from what has become of its steps. Pure. */
import { conditionsOf, type Step, type Workflow } from "./definition.ts";
import { holds } from "./conditions.ts";
import type { Graph } from "./graph.ts";
import type { Scope } from "./references.ts";

export type StepState = "waiting" | "running" | "succeeded" | "failed" | "cancelled" | "skipped";

export interface StepStatus {
  state: StepState;
  result?: unknown;
  error?: { code: string; message: string } | null;
}

export type Statuses = Readonly<Record<string, StepStatus>>;

export interface Decision {
  /** To be submitted now. */
  start: Step[];
  /** Will never run, with the reason. */
  skip: { id: string; reason: string }[];
  /** Running steps to be cancelled, because the workflow has failed. */
  cancel: string[];
  /** Nothing runs and nothing more will. */
  done: boolean;
}

const settled = (status: StepStatus): boolean => status.state !== "waiting" && status.state !== "running";

/** Steps whose end fails the workflow. */
export function failedSteps(workflow: Workflow, statuses: Statuses): Step[] {
  return workflow.steps.filter((step) => !step.allowFailure && ["failed", "cancelled"].includes(statuses[step.id]!.state));
}

/** @throws {PermanentError} when a condition reads what is not there */
export function decide(workflow: Workflow, graph: Graph, statuses: Statuses): Decision {
  const scope: Scope = { input: workflow.input, steps: statuses };
  const steps = new Map(workflow.steps.map((step) => [step.id, step]));
  const stopping = workflow.onFailure === "stop" && failedSteps(workflow, statuses).length > 0;
  const running = workflow.steps.filter(({ id }) => statuses[id]!.state === "running").map(({ id }) => id);
  const decision: Decision = { start: [], skip: [], cancel: stopping ? running : [], done: false };
  for (const step of workflow.steps) {
    if (statuses[step.id]!.state !== "waiting") continue;
    if (stopping) {
      decision.skip.push({ id: step.id, reason: "the workflow has failed" });
      continue;
    }
    const needs = [...graph.needs.get(step.id)!];
    const blocking = needs.find((id) => blocks(statuses[id]!, steps.get(id)!));
    if (blocking !== undefined) decision.skip.push({ id: step.id, reason: `"${blocking}" is ${statuses[blocking]!.state}` });
    else if (!needs.every((id) => settled(statuses[id]!))) continue;
    else if (!conditionsOf(step).every((condition) => holds(condition, scope))) decision.skip.push({ id: step.id, reason: "its condition does not hold" });
    else if (running.length + decision.start.length < workflow.parallel) decision.start.push(step);
  }
  const waiting = workflow.steps.some(({ id }) => statuses[id]!.state === "waiting");
  decision.done = !waiting && running.length === 0;
  return decision;
}

function blocks(status: StepStatus, step: Step): boolean {
  if (status.state === "skipped") return true;
  return (status.state === "failed" || status.state === "cancelled") && !step.allowFailure;
}
