/** One attempt of a run: begun, taken over, or retried, and brought to its end. */
import type { Graph } from "../../../../contract/workflow-graph.ts";
import type { Workflow } from "../../../../contract/workflow.ts";
import { sleep } from "../../../kit/backoff.ts";
import { PermanentError } from "../../../kit/errors.ts";
import type { CoordinatorDeps } from "../deps.ts";
import { RunRecord } from "../store/run-record.ts";
import type { RunStore, StoredRun } from "../store/run-store.ts";
import { newProgress, type Progress } from "../workflow/progress.ts";
import { renew } from "../workflow/renew.ts";
import { outputProblem } from "./answer.ts";
import { failureText, undoneText } from "./failure-text.ts";
import { patient } from "./patient.ts";
import { settle } from "./settlement.ts";
import { UnitTasks } from "./unit-tasks.ts";
import { POLL, runSteps } from "./workflow-run.ts";

export interface Attempt {
  /** Of the run's own task, from which the keys of its steps' tasks derive. */
  taskId: string;
  attempt: number;
  signal: AbortSignal;
  progress(fraction: number, note: string): void;
  /** Asked before a run begins. @throws {PermanentError} when it cannot succeed */
  check(): Promise<void>;
}

export interface Driven { progress: Progress; startedAt: string }

/**
 * @returns when every step has ended well
 * @throws {PermanentError} when the workflow has failed and what could be undone is undone; the message tells of both
 * @throws {Superseded} when somebody else has the run
 * @throws the signal's reason; whoever takes the run over goes on
 */
export async function drive(workflow: Workflow, graph: Graph, deps: CoordinatorDeps, attempt: Attempt): Promise<Driven> {
  const { hub, runs, poll = POLL } = deps;
  const { taskId, signal, progress } = attempt;
  if ((await patient(() => runs.state(taskId), signal)) === null) await attempt.check();
  const stored = await openRun(runs, workflow, attempt, poll.maxMs);
  const record = new RunRecord(runs, taskId, stored, signal);
  const tasks = new UnitTasks(workflow, record, hub, signal);
  if (Object.keys(stored.progress).length === 0) {
    await record.replace(newProgress(workflow), { state: "running" });
  } else if (stored.state === "failed" || stored.state === "cancelled") {
    await record.replace(renew(workflow, graph, stored.progress), { state: "running" });
  }
  let reason = stored.state === "settling" ? stored.reason : null;
  if (stored.state !== "succeeded" && reason === null) {
    const end = await runSteps({ workflow, graph, record, tasks, signal, progress, poll });
    reason = end === "failed" ? failureText(workflow, record.progress) : outputProblem(workflow, record.progress);
    await record.save(reason === null ? { state: "succeeded" } : { state: "settling", outcome: "failed", settledBy: "run", reason });
  }
  if (reason === null) return { progress: record.progress, startedAt: stored.startedAt };
  await settle({ workflow, record, tasks, hub, outcome: "failed", signal, progress, poll });
  const text = `${reason}${undoneText(workflow, record.progress)}`;
  await record.save({ state: "failed", outcome: "failed", settledBy: "run", reason: text });
  throw new PermanentError(`The workflow failed: ${text}`);
}

/** While `settle_workflow` undoes an earlier attempt, a retry waits: then it knows what to do again. */
async function openRun(runs: RunStore, { name }: Workflow, { taskId, attempt, signal, progress }: Attempt, pauseMs: number): Promise<StoredRun> {
  for (;;) {
    const stored = await patient(() => runs.open({ id: taskId, name: name ?? null, attempt }), signal);
    if (!(stored.state === "settling" && stored.settledBy === "settle")) return stored;
    progress(0, "waiting until the attempt before is settled");
    await sleep(pauseMs, signal);
  }
}
