/** Brings a run whose own task is over to its end. */
import type { Task } from "../../../../contract/tasks.ts";
import { FINAL_STATES } from "../../../../contract/tasks.ts";
import { RUN_WORKFLOW, Workflow } from "../../../../contract/workflow.ts";
import { sleep } from "../../../kit/backoff.ts";
import { Unavailable, UserFault } from "../../../kit/errors.ts";
import type { CoordinatorDeps } from "../deps.ts";
import { RunRecord } from "../store/run-record.ts";
import { Superseded, type Outcome } from "../store/run-store.ts";
import { newProgress } from "../workflow/progress.ts";
import { undoneText, undoneUnits } from "./failure-text.ts";
import { isOver } from "./over.ts";
import { patient } from "./patient.ts";
import { settle } from "./settlement.ts";
import { UnitTasks } from "./unit-tasks.ts";
import { POLL } from "./workflow-run.ts";

export interface Settled extends ReturnType<typeof undoneUnits> {
  /** Null where there was nothing to settle, or somebody else does. */
  state: Outcome | null;
}

const NOTHING: Settled = { state: null, undone: [], notUndone: [] };

export interface SettleContext {
  signal: AbortSignal;
  progress(fraction: number, note: string): void;
}

/**
 * Waits until the run is over, or certainly goes on.
 *
 * @throws {UserFault} when the task is no run, or there is none
 * @throws the signal's reason; whoever repeats it goes on
 */
export async function settleRun(deps: CoordinatorDeps, run: string, { signal, progress }: SettleContext): Promise<Settled> {
  const { hub, runs, poll = POLL } = deps;
  const task = await untilFinal(deps, run, signal);
  if (!task || !isOver(task)) return NOTHING;
  const reason = task.state === "cancelled" ? "It was cancelled." : task.error?.message ?? `The task is ${task.state}.`;
  const stored = await patient(() => runs.settle(run, task.attempt, task.state === "cancelled" ? "cancelled" : "failed", reason), signal);
  if (!stored) return NOTHING;
  const workflow = Workflow.parse(task.input);
  const outcome = stored.outcome!;
  const record = new RunRecord(runs, run, stored, signal);
  const tasks = new UnitTasks(workflow, record, hub, signal);
  try {
    if (Object.keys(stored.progress).length === 0) await record.replace(newProgress(workflow), { state: "settling", outcome, settledBy: "settle", reason: stored.reason });
    await settle({ workflow, record, tasks, hub, outcome, signal, progress, poll });
    await record.save({ state: outcome, outcome, settledBy: "settle", reason: `${stored.reason}${undoneText(workflow, record.progress)}` });
  } catch (error) {
    if (error instanceof Superseded) return NOTHING;
    throw error;
  }
  return { state: outcome, ...undoneUnits(workflow, record.progress) };
}

/** A cancelled run is active until its agent has answered. @returns null for one that waits for its next attempt: it goes on */
async function untilFinal({ hub, poll = POLL }: CoordinatorDeps, run: string, signal: AbortSignal): Promise<Task | null> {
  for (;;) {
    const task = await hub.getTask(run, signal).catch((error: unknown) => {
      if (error instanceof Unavailable) return null;
      throw error;
    });
    if (task && task.action !== RUN_WORKFLOW) throw new UserFault(`Task ${run} is no run of a workflow but ${task.type}'s ${task.action}.`);
    if (task && FINAL_STATES.includes(task.state)) return task;
    if (task?.state === "pending") return null;
    await sleep(poll.maxMs, signal);
  }
}
