import { z } from "zod";
import { actionProblems } from "../../../../contract/workflow-actions.ts";
import { graphOf } from "../../../../contract/workflow-graph.ts";
import { Workflow } from "../../../../contract/workflow.ts";
import { defineAction } from "../../../kit/agent.ts";
import { AttemptEnded } from "../../../kit/agent/attempt.ts";
import { sleep } from "../../../kit/backoff.ts";
import { messageOf, PermanentError } from "../../../kit/errors.ts";
import type { Logger } from "../../../kit/log.ts";
import type { CoordinatorDeps } from "../deps.ts";
import { answerOf, RunAnswer } from "../run/answer.ts";
import { drive } from "../run/drive.ts";
import { isOver, submitSettlement } from "../run/over.ts";
import { patient } from "../run/patient.ts";
import { POLL } from "../run/workflow-run.ts";
import { settleRun } from "../run/settle-run.ts";
import { Superseded } from "../store/run-store.ts";

/**
 * A stop of the agent or a lost attempt ends nothing: the next attempt finds in the record how far the run was, and its
 * tasks by their idempotency keys. After a cancellation `settle_workflow` does what is left to do.
 */
export const runWorkflow = defineAction<CoordinatorDeps>()({
  name: "run_workflow",
  description:
    "Runs a graph of tasks: each step is a task of some agent type, or one for each item of a list; it starts when the steps it needs have succeeded, and may use their results. When a step fails or the run is cancelled, what had succeeded is undone as the steps say.",
  input: Workflow,
  output: RunAnswer,
  async handler(workflow, { deps, taskId, attempt, signal, progress, log }) {
    const graph = graphOf(workflow);
    if ("problems" in graph) throw cannotRun(graph.problems);
    try {
      const driven = await drive(workflow, graph, deps, { taskId, attempt, signal, progress, check: () => checkActions(workflow, deps, signal) });
      return answerOf(workflow, driven);
    } catch (error) {
      if (error instanceof Superseded) await untilOver(deps, taskId, attempt, signal);
      if (isEndedForGood(error)) {
        await handOver(deps, taskId, attempt, log).catch((reason: unknown) => log.warn({ reason: messageOf(reason) }, "the end of a run is left to whoever looks for abandoned ones"));
      }
      throw error;
    }
  },
});

const cannotRun = (problems: readonly string[]): PermanentError =>
  new PermanentError(`The workflow cannot run: ${problems.join("; ")}. validate_workflow tells without running it.`);

/** An agent type that is away now may be back when its step comes; an action or input that cannot fit never will. */
async function checkActions(workflow: Workflow, { hub }: CoordinatorDeps, signal: AbortSignal): Promise<void> {
  const types = await patient(() => hub.listActions(signal), signal);
  const problems = actionProblems(workflow, types).filter(({ kind }) => kind !== "not_deployed");
  if (problems.length > 0) throw cannotRun(problems.map(({ message }) => message));
}

const isEndedForGood = (error: unknown): boolean => error instanceof AttemptEnded && (error.why === "cancelled" || error.why === "deadline");

/** As long as this process sees to it; the task that it submits goes on. */
const SETTLE_HERE_MS = 10 * 60_000;

/**
 * The word to stop also reaches an attempt that was given up for lost, while the next one drives the run. Settling begins
 * here and at once, as its task may wait behind others; whichever of the two comes later takes over.
 */
async function handOver(deps: CoordinatorDeps, taskId: string, attempt: number, log: Logger): Promise<void> {
  const task = await deps.hub.getTask(taskId);
  if (task.attempt !== attempt || (task.state !== "active" && !isOver(task))) return;
  await submitSettlement(deps, taskId, `attempt ${attempt}`);
  void settleRun(deps, taskId, { signal: AbortSignal.timeout(SETTLE_HERE_MS), progress: () => undefined })
    .catch((reason: unknown) => log.warn({ reason: messageOf(reason) }, "the end of a run is left to its task"));
}

/** A word from here would end the attempt that another agent works on under the same number, so none is said until it is over. */
async function untilOver({ hub, poll = POLL }: CoordinatorDeps, taskId: string, attempt: number, signal: AbortSignal): Promise<void> {
  for (;;) {
    const task = await hub.getTask(taskId, signal).catch(() => null);
    if (task && (task.attempt !== attempt || task.state !== "active")) return;
    await sleep(poll.maxMs, signal);
  }
}
