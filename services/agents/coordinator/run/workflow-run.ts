/** Runs a workflow's steps as tasks of the hub. */
import type { Task } from "../../../../contract/tasks.ts";
import { FINAL_STATES } from "../../../../contract/tasks.ts";
import { sleep } from "../../../kit/backoff.ts";
import { PermanentError, Unavailable, UserFault } from "../../../kit/errors.ts";
import type { Step, Workflow } from "../workflow/definition.ts";
import type { Graph } from "../workflow/graph.ts";
import { decide, failedSteps, type StepState, type StepStatus } from "../workflow/progress.ts";
import { resolve } from "../workflow/references.ts";
import type { HubTasks } from "./hub-tasks.ts";

export interface StepReport extends StepStatus {
  /** Task of the step; null when it was never submitted. */
  taskId: string | null;
  /** Why it was skipped. */
  reason?: string;
  /** Attempts of its task. */
  attempts: number;
  startedAt: string | null;
  finishedAt: string | null;
  durationMs: number | null;
}

export interface RunOptions {
  hub: HubTasks;
  /** The workflow's own task: idempotency keys derive from it, so a repeated delivery finds the steps it had submitted. */
  taskId: string;
  /** From the second attempt on, a step's task that had failed is replayed instead of believed. */
  attempt: number;
  signal: AbortSignal;
  progress(fraction: number, note: string): void;
  /** Delay between looks at running tasks: begins short, because most steps are, and grows. Milliseconds. */
  poll?: { firstMs: number; maxMs: number };
}

const POLL = { firstMs: 100, maxMs: 2_000 };

export const stepKey = (workflowTaskId: string, stepId: string): string => `workflow:${workflowTaskId}:${stepId}`;

/** Whatever stops it, the reports stand as far as the run came. */
export class WorkflowRun {
  readonly reports: Record<string, StepReport>;
  readonly #workflow: Workflow;
  readonly #graph: Graph;
  readonly #options: RunOptions;

  constructor(workflow: Workflow, graph: Graph, options: RunOptions) {
    this.#workflow = workflow;
    this.#graph = graph;
    this.#options = options;
    this.reports = Object.fromEntries(workflow.steps.map(({ id }) => [id, {
      state: "waiting" as StepState, taskId: null, attempts: 0, startedAt: null, finishedAt: null, durationMs: null,
    }]));
  }

  /**
   * @throws {PermanentError} when a step failed, after what the failure policy asks for; the message names every failed
   *   step with its task and error
   * @throws the signal's reason; running tasks go on, see {@link cancelRunning}
   */
  async run(): Promise<void> {
    const { signal, poll = POLL } = this.#options;
    let delayMs = poll.firstMs;
    for (;;) {
      signal.throwIfAborted();
      const decision = this.#decide();
      for (const { id, reason } of decision.skip) Object.assign(this.reports[id]!, { state: "skipped", reason });
      const started = await Promise.all(decision.start.map((step) => this.#start(step)));
      if (decision.cancel.length > 0) await this.cancelRunning();
      if (decision.done) break;
      if (started.includes(true) || decision.skip.length > 0) delayMs = poll.firstMs;
      this.#report();
      await sleep(delayMs, signal);
      delayMs = (await this.#look()) ? poll.firstMs : Math.min(poll.maxMs, delayMs * 1.5);
    }
    const unsuccessful = failedSteps(this.#workflow, this.reports);
    // What was cancelled because another failed is no reason of its own.
    const failed = unsuccessful.filter(({ id }) => this.reports[id]!.state === "failed");
    const reasons = (failed.length > 0 ? failed : unsuccessful).map((step) => this.#failure(step));
    if (reasons.length > 0) throw new PermanentError(`The workflow failed: ${reasons.join("; ")}`);
  }

  /** Asks the hub to cancel the tasks that run; those that have ended meanwhile are left as they are. */
  async cancelRunning(): Promise<void> {
    const running = Object.values(this.reports).filter(({ state, taskId }) => state === "running" && taskId !== null);
    await Promise.allSettled(running.map(({ taskId }) => this.#options.hub.cancelTask(taskId!)));
  }

  #decide() {
    return decide(this.#workflow, this.#graph, this.reports);
  }

  /** @returns false when the hub did not answer; the step waits for the next round */
  async #start(step: Step): Promise<boolean> {
    const { hub, taskId, attempt, signal } = this.#options;
    const report = this.reports[step.id]!;
    const input = resolve(step.input, { input: this.#workflow.input, steps: this.reports }) as Record<string, unknown>;
    try {
      const receipt = await hub.submitTask({
        type: step.type,
        action: step.action,
        input,
        priority: step.priority ?? this.#workflow.priority,
        idempotencyKey: stepKey(taskId, step.id),
        ...(step.retries !== undefined && { maxAttempts: step.retries + 1 }),
      }, signal);
      if (attempt > 1 && ["failed", "dead", "cancelled"].includes(receipt.state)) await hub.replayTask(receipt.id, signal);
      Object.assign(report, { state: "running", taskId: receipt.id });
    } catch (error) {
      if (error instanceof Unavailable) return false;
      // The hub refuses the step: unknown type, or an input its schema does not allow.
      if (!(error instanceof UserFault)) throw error;
      Object.assign(report, { state: "failed", error: { code: "bad_input", message: error.message } });
    }
    return true;
  }

  /** @returns whether a step has ended */
  async #look(): Promise<boolean> {
    const running = this.#workflow.steps.filter(({ id }) => this.reports[id]!.state === "running");
    const ended = await Promise.all(running.map(async ({ id }) => {
      const report = this.reports[id]!;
      // A hub that restarts is no reason to give the workflow up: its answer comes with the next look.
      const task = await this.#options.hub.getTask(report.taskId!, this.#options.signal).catch((error: unknown) => {
        if (error instanceof Unavailable) return null;
        throw error;
      });
      if (!task || !FINAL_STATES.includes(task.state)) return false;
      Object.assign(report, reportOf(task));
      return true;
    }));
    return ended.includes(true);
  }

  #report(): void {
    const reports = Object.entries(this.reports);
    const ended = reports.filter(([, { state }]) => state !== "waiting" && state !== "running").length;
    const running = reports.filter(([, { state }]) => state === "running").map(([id]) => id);
    this.#options.progress(ended / reports.length, `${ended} of ${reports.length} steps ended; running: ${running.join(", ") || "none"}`.slice(0, 500));
  }

  #failure(step: Step): string {
    const { taskId, state, error } = this.reports[step.id]!;
    const where = taskId === null ? "was refused" : `(task ${taskId}) ${state}`;
    return `step "${step.id}" ${where}: ${error?.message ?? "no reason given"}`;
  }
}

function reportOf(task: Task): Partial<StepReport> {
  const startedAt = task.attempts[0]?.startedAt ?? null;
  return {
    state: task.state === "succeeded" ? "succeeded" : task.state === "cancelled" ? "cancelled" : "failed",
    result: task.result,
    error: task.error && { code: task.error.code, message: task.error.message },
    attempts: task.attempt,
    startedAt,
    finishedAt: task.finishedAt,
    durationMs: startedAt !== null && task.finishedAt !== null ? Date.parse(task.finishedAt) - Date.parse(startedAt) : null,
  };
}
