/** The end of a run that has failed or been cancelled: what runs is cancelled, then what had succeeded is undone. */
import type { Workflow } from "../../../../contract/workflow.ts";
import { sleep } from "../../../kit/backoff.ts";
import { messageOf } from "../../../kit/errors.ts";
import type { RunRecord } from "../store/run-record.ts";
import type { Outcome } from "../store/run-store.ts";
import { taskUnits, unitAt, type Unit, type UnitRef } from "../workflow/progress.ts";
import { resolve } from "../workflow/resolve.ts";
import { ended, submit, type HubTasks } from "./hub-tasks.ts";
import { compensationKey, type UnitTasks } from "./unit-tasks.ts";
import { collect, POLL, type Poll } from "./workflow-run.ts";

export interface SettlementOptions {
  workflow: Workflow;
  record: RunRecord;
  tasks: UnitTasks;
  hub: HubTasks;
  outcome: Outcome;
  signal: AbortSignal;
  progress(fraction: number, note: string): void;
  poll?: Poll;
}

/** An agent that does not answer a cancellation is given up by the hub; asked again meanwhile, in case the hub had not heard. */
const CANCEL_AGAIN_MS = 5_000;

/**
 * Whoever repeats it finds the tasks of the time before by their keys. A compensation that fails keeps none of the others
 * from being tried; the record tells of it.
 *
 * @throws {Superseded} when somebody else settles the run
 * @throws the signal's reason
 */
export async function settle(options: SettlementOptions): Promise<void> {
  const { workflow, record, outcome } = options;
  const reason = outcome === "failed" ? "the workflow has failed" : "the workflow was cancelled";
  for (const { id } of workflow.steps) {
    record.progress[id]!.items?.forEach(({ state }, index) => { if (state === "waiting") record.set(id, index, { state: "skipped", reason }); });
    if (record.progress[id]!.state === "waiting") record.set(id, null, { state: "skipped", reason });
  }
  await stopRunning(options);
  collect(workflow, record);
  await record.save();
  for (const ref of toUndo(workflow, record)) await undo(ref, options);
}

async function stopRunning({ record, tasks, signal, progress, poll = POLL }: SettlementOptions): Promise<void> {
  let askAgainAt = 0;
  for (let delayMs = poll.firstMs; ; delayMs = Math.min(poll.maxMs, delayMs * 1.5)) {
    const running = tasks.running();
    if (running.length === 0) return;
    progress(0, `cancelling ${running.length} ${running.length === 1 ? "task" : "tasks"}`);
    await Promise.all(running.filter((ref) => tasks.at(ref).taskId === null).map((ref) => tasks.submit(ref)));
    if (Date.now() >= askAgainAt) {
      const heard = await Promise.all(tasks.running().map((ref) => tasks.cancel(ref)));
      askAgainAt = heard.includes(false) ? 0 : Date.now() + CANCEL_AGAIN_MS;
    }
    await Promise.all(tasks.running().map((ref) => tasks.look(ref)));
    await record.save();
    if (tasks.running().length > 0) await sleep(delayMs, signal);
  }
}

/** What had succeeded and can be undone, the last to end first. */
export function toUndo(workflow: Workflow, { progress }: Pick<RunRecord, "progress">): UnitRef[] {
  const unitOf = (ref: UnitRef): Unit => unitAt(progress, ref);
  return taskUnits(workflow, progress)
    .filter((ref) => ref.step.compensate && unitOf(ref).state === "succeeded" && !isDone(unitOf(ref)))
    .reverse()
    .sort((a, b) => Date.parse(unitOf(b).finishedAt ?? "") - Date.parse(unitOf(a).finishedAt ?? "") || 0);
}

const isDone = ({ compensation }: Unit): boolean => compensation !== null && compensation.state !== "running";

async function undo(ref: UnitRef, { workflow, record, tasks, hub, signal, progress, poll = POLL }: SettlementOptions): Promise<void> {
  const { type, action, input, retries } = ref.step.compensate!;
  const unit = tasks.at(ref);
  const note = async (compensation: NonNullable<Unit["compensation"]>): Promise<void> => {
    tasks.set(ref, { compensation });
    await record.save();
  };
  const all = taskUnits(workflow, record.progress).filter(({ step }) => step.compensate).length;
  const done = taskUnits(workflow, record.progress).filter((other) => isDone(tasks.at(other))).length;
  progress(done / all, `undoing ${ref.step.id}${ref.index === null ? "" : `, item ${ref.index}`}`);

  let resolved: Record<string, unknown>;
  try {
    resolved = resolve(input, tasks.scope(ref, unit.result ?? null)) as Record<string, unknown>;
  } catch (error) {
    return note({ state: "failed", taskId: null, error: { code: "bad_input", message: messageOf(error) } });
  }
  await note({ state: "running", taskId: null, error: null });
  const request = {
    type, action, input: resolved, priority: ref.step.priority ?? workflow.priority,
    idempotencyKey: compensationKey(record.id, ref, unit.round), ...(retries !== undefined && { maxAttempts: retries + 1 }),
  };
  let taskId: string | null = null;
  for (let delayMs = poll.firstMs; ; delayMs = Math.min(poll.maxMs, delayMs * 1.5)) {
    if (taskId === null) {
      const answer = await submit(hub, request, signal);
      if (answer.kind === "refused") return note({ state: "failed", taskId: null, error: { code: "bad_input", message: answer.message } });
      if (answer.kind === "taken") await note({ state: "running", taskId: taskId = answer.receipt.id, error: null });
    }
    const task = taskId === null ? null : await ended(hub, taskId, signal);
    if (task?.state === "succeeded") return note({ state: "succeeded", taskId, error: null });
    if (task) return note({ state: "failed", taskId, error: { code: task.error?.code ?? task.state, message: task.error?.message ?? `The task is ${task.state}.` } });
    await sleep(delayMs, signal);
  }
}
