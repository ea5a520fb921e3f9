/** Steps and items as tasks of the hub. */
import type { Task } from "../../../../contract/tasks.ts";
import type { Workflow } from "../../../../contract/workflow.ts";
import { messageOf } from "../../../kit/errors.ts";
import type { RunRecord } from "../store/run-record.ts";
import { scopeOf } from "../workflow/decide.ts";
import { taskUnits, unitAt, type Unit, type UnitRef } from "../workflow/progress.ts";
import { listOf } from "../workflow/fan-out.ts";
import { resolve, type Scope } from "../workflow/resolve.ts";
import { cancel, ended, submit, type HubTasks } from "./hub-tasks.ts";

/** The same unit of the same run has the same keys, whoever drives the run: submitting it again finds its task. */
const place = ({ step, index }: UnitRef, round: number): string => [step.id, ...(index === null ? [] : [index]), ...(round === 0 ? [] : [`r${round}`])].join(":");
export const stepKey = (runId: string, ref: UnitRef, round: number): string => `workflow:${runId}:${place(ref, round)}`;
export const compensationKey = (runId: string, ref: UnitRef, round: number): string => `compensate:${runId}:${place(ref, round)}`;

export class UnitTasks {
  readonly #workflow: Workflow;
  readonly #record: RunRecord;
  readonly #hub: HubTasks;
  readonly #signal: AbortSignal;

  constructor(workflow: Workflow, record: RunRecord, hub: HubTasks, signal: AbortSignal) {
    this.#workflow = workflow;
    this.#record = record;
    this.#hub = hub;
    this.#signal = signal;
  }

  running(): UnitRef[] {
    return taskUnits(this.#workflow, this.#record.progress).filter((ref) => this.at(ref).state === "running");
  }

  at(ref: UnitRef): Unit {
    return unitAt(this.#record.progress, ref);
  }

  set({ step, index }: UnitRef, change: Partial<Unit>): void {
    this.#record.set(step.id, index, change);
  }

  /** Submits a running unit, or finds the task that it has. While the hub is away it stays as it is. */
  async submit(ref: UnitRef): Promise<void> {
    const { step } = ref;
    const { round, replay } = this.at(ref);
    const refuse = (message: string): void => this.set(ref, { state: "failed", error: { code: "bad_input", message } });
    let input: Record<string, unknown>;
    try {
      input = resolve(step.input, this.scope(ref)) as Record<string, unknown>;
    } catch (error) {
      return refuse(messageOf(error));
    }
    const answer = await submit(this.#hub, {
      type: step.type, action: step.action, input,
      priority: step.priority ?? this.#workflow.priority,
      idempotencyKey: stepKey(this.#record.id, ref, round),
      ...(step.retries !== undefined && { maxAttempts: step.retries + 1 }),
    }, this.#signal);
    if (answer.kind === "refused") refuse(answer.message);
    if (answer.kind !== "taken") return;
    const { id, state } = answer.receipt;
    if (replay && ["failed", "dead", "cancelled"].includes(state)) await this.#hub.replayTask(id, this.#signal);
    this.set(ref, { taskId: id, replay: false });
  }

  /** @returns whether it has ended */
  async look(ref: UnitRef): Promise<boolean> {
    const { taskId } = this.at(ref);
    const task = taskId === null ? null : await ended(this.#hub, taskId, this.#signal);
    if (task) this.set(ref, outcomeOf(task));
    return task !== null;
  }

  cancel(ref: UnitRef): Promise<boolean> {
    const { taskId } = this.at(ref);
    return taskId === null ? Promise.resolve(true) : cancel(this.#hub, taskId);
  }

  /** What references of the unit read. @param result of what is undone, in a compensation */
  scope({ step, index }: UnitRef, result?: unknown): Scope {
    const scope: Scope = { ...scopeOf(this.#workflow, this.#record.progress), ...(result !== undefined && { result }) };
    return index === null ? scope : { ...scope, item: this.items(step)[index], index };
  }

  /** @throws {PermanentError} when the reference reads no list */
  items(step: UnitRef["step"]): unknown[] {
    return listOf(step, scopeOf(this.#workflow, this.#record.progress));
  }
}

function outcomeOf(task: Task): Partial<Unit> {
  return {
    state: task.state === "succeeded" ? "succeeded" : task.state === "cancelled" ? "cancelled" : "failed",
    result: task.state === "succeeded" ? task.result : undefined,
    error: task.error && { code: task.error.code, message: task.error.message },
    attempts: task.attempt,
    startedAt: task.attempts[0]?.startedAt ?? null,
    finishedAt: task.finishedAt,
  };
}
