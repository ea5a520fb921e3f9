/** The task fabric: what can happen to tasks, and everything that follows from it once it is committed. */
import type { Pool } from "pg";
import type { HeartbeatMessage, ResultMessage } from "../../../contract/bus.ts";
import type { ReplayAnswer, Task, TaskReceipt } from "../../../contract/tasks.ts";
import type { Control } from "../agents/control.ts";
import { recordHeartbeats } from "../agents/heartbeats.ts";
import { isDataError } from "../database/errors.ts";
import { Batcher } from "../batcher.ts";
import { applyEvents, type Applied, type EventInput } from "./apply-events.ts";
import { completeTasks } from "./complete.ts";
import { getTask, unknownTasks } from "./read.ts";
import { countGivenUp, givenUp, type ReplayFilter } from "./replay.ts";
import { submitTasks, type Submission, type Submitted } from "./submit.ts";
import type { TaskChange } from "./task-change.ts";
import type { TaskEvent } from "./transitions.ts";

/** Those who are told. None of them may throw. */
export interface FabricListeners {
  changed(changes: readonly TaskChange[]): void;
  completed(task: Task, seconds: number): void;
  alive(tasks: Awaited<ReturnType<typeof recordHeartbeats>>["alive"]): void;
  /** A task is pending and may be dispatched in `ms`. */
  pending(ms: number): void;
  /** Tasks left the broker. */
  roomMade(): void;
  deadLetters(): void;
}

/** Tells listeners itself of those that it begins. */
export type StoreAndBegin = (submissions: readonly Submission[]) => Promise<Submitted[]> | null;

const SUBMIT_BATCH = 256;
const NONE: ReadonlySet<string> = new Set();

export class TaskFabric {
  readonly #pool: Pool;
  readonly #control: Control;
  readonly #begin: StoreAndBegin;
  readonly #listeners: FabricListeners;
  readonly #submits: Batcher<Submission, Submitted>;
  /** One after the other, so that batches leave the database's connections to the rest. */
  readonly #batches: Batcher<Submission[], (Submitted | null)[]>;

  /** @param begin stores them and begins what it can at once; null where all have to wait */
  constructor(pool: Pool, control: Control, listeners: FabricListeners, begin: StoreAndBegin) {
    this.#pool = pool;
    this.#begin = begin;
    this.#control = control;
    this.#listeners = listeners;
    this.#submits = new Batcher<Submission, Submitted>({
      maxItems: SUBMIT_BATCH,
      isolates: isDataError,
      flush: (submissions) => this.#store(submissions),
    });
    this.#batches = new Batcher<Submission[], (Submitted | null)[]>({ maxItems: 1, flush: async ([batch]) => [await this.#storeWhatCan(batch!)] });
  }

  /** Resolves when the task is durable. */
  submit(submission: Submission): Promise<Submitted> {
    return this.#submits.add(submission);
  }

  /**
   * Stores them in one statement; all are durable when it resolves. Answers in their order, null for what the database
   * cannot store.
   */
  async submitAll(submissions: Submission[]): Promise<(Submitted | null)[]> {
    return submissions.length === 0 ? [] : this.#batches.add(submissions);
  }

  get(id: string): Promise<Task | null> {
    return getTask(this.#pool, id);
  }

  /** Null when there is no such task; `changed` is false when its state does not allow the event. */
  async request(id: string, kind: "cancel-requested" | "replayed", actor: string): Promise<(TaskReceipt & { changed: boolean }) | null> {
    const [applied] = await this.apply([{ taskId: id, event: { kind }, actor }]);
    if (!applied?.before) return null;
    return { id, state: applied.change?.state ?? applied.before.state, changed: applied.change !== null };
  }

  /** Gives tasks that were given up fresh attempts. A task that changes meanwhile counts as matched and not as replayed. */
  async replayAll(filter: ReplayFilter, { limit, dryRun, actor }: { limit: number; dryRun: boolean; actor: string }): Promise<ReplayAnswer> {
    const { matched, finishedBefore } = await countGivenUp(this.#pool, filter);
    let replayed = 0;
    if (!dryRun) {
      for await (const ids of givenUp(this.#pool, { ...filter, finishedBefore }, limit)) {
        const applied = await this.apply(ids.map((taskId) => ({ taskId, event: { kind: "replayed" }, actor })));
        replayed += applied.filter(({ change }) => change !== null).length;
      }
    }
    return { dryRun, matched, replayed, finishedBefore };
  }

  async apply(inputs: readonly EventInput[]): Promise<Applied[]> {
    const applied = await applyEvents(this.#pool, inputs);
    const changes: TaskChange[] = [];
    let deadLetters = false;
    let roomMade = false;
    applied.forEach(({ before, change }, index) => {
      if (!before || !change) return;
      const { id, type, action, caller, urgency, createdAt, attempt } = before;
      const agentId = inputs[index]!.agentId ?? before.agentId;
      if (change.state !== before.state) changes.push({ id, type, action, caller, urgency, createdAt, attempt, agentId, state: change.state, error: change.error });
      if (change.retryInMs !== null) this.#listeners.pending(change.retryInMs);
      if (change.cancelAgent && agentId !== null) this.#control.cancel(agentId, id, attempt);
      else if (change.cancelAgent) this.#control.cancelAtAll(type, id, attempt);
      deadLetters ||= change.deadLetter;
      roomMade ||= before.state === "active" && change.state !== "active";
    });
    if (changes.length > 0) this.#listeners.changed(changes);
    if (deadLetters) this.#listeners.deadLetters();
    if (roomMade) this.#listeners.roomMade();
    return applied;
  }

  /**
   * Results as agents report them; one of an attempt that is not the current one is let go. Answers the ids of tasks that
   * there are not.
   */
  async takeResults(results: readonly ResultMessage[]): Promise<ReadonlySet<string>> {
    const succeeded = results.filter(({ outcome }) => outcome === "succeeded");
    const others = results.filter(({ outcome }) => outcome !== "succeeded");
    const ended = succeeded.length > 0 ? await this.#complete(succeeded) : [];
    const applied = others.length > 0
      ? await this.apply(others.map((result) => ({ taskId: result.taskId, agentId: result.agentId, event: eventOf(result) }))) : [];
    const without = applied.filter(({ before }) => before === null).map(({ taskId }) => taskId);
    // Nearly always none: each success ends its task.
    const suspects = ended.length < succeeded.length ? succeeded.map(({ taskId }) => taskId).filter((id) => !ended.includes(id)) : [];
    if (suspects.length === 0) return without.length === 0 ? NONE : new Set(without);
    return new Set([...without, ...await unknownTasks(this.#pool, suspects)]);
  }

  /** Tasks that were begun by whoever does them, without a dispatch; call it once that is committed. */
  begun(changes: readonly TaskChange[]): void {
    if (changes.length > 0) this.#listeners.changed(changes);
  }

  async takeHeartbeats(heartbeats: readonly HeartbeatMessage[]): Promise<void> {
    const { alive, stale } = await recordHeartbeats(this.#pool, heartbeats);
    const inVain = [...stale, ...alive.filter(({ cancelRequested }) => cancelRequested)];
    for (const { taskId, attempt, agentId } of inVain) this.#control.cancel(agentId, taskId, attempt);
    this.#listeners.alive(alive);
  }

  /** Waits for submissions under way. */
  async close(): Promise<void> {
    await Promise.all([this.#submits.drained(), this.#batches.drained()]);
  }

  async #storeWhatCan(submissions: Submission[]): Promise<(Submitted | null)[]> {
    try {
      return await this.#store(submissions);
    } catch (error) {
      if (!isDataError(error)) throw error;
      if (submissions.length === 1) return [null];
      // The bad ones are found by halves.
      const middle = submissions.length >> 1;
      return [...await this.#storeWhatCan(submissions.slice(0, middle)), ...await this.#storeWhatCan(submissions.slice(middle))];
    }
  }

  async #store(submissions: Submission[]): Promise<Submitted[]> {
    const submitted = await (this.#begin(submissions) ?? submitTasks(this.#pool, submissions));
    const changes = submitted.flatMap(({ created, createdAt, state }, index): TaskChange[] => {
      if (!created || state !== "pending") return [];
      const { id, type, action, caller, urgency } = submissions[index]!;
      return [{ id, type, action, caller, urgency, createdAt: createdAt!, state: "pending", attempt: 0, agentId: null, error: null }];
    });
    if (changes.length > 0) {
      this.#listeners.pending(0);
      this.#listeners.changed(changes);
    }
    return submitted;
  }

  /** @returns the ids of those that it ended */
  async #complete(results: ResultMessage[]): Promise<string[]> {
    const completed = await completeTasks(this.#pool, results);
    this.#listeners.changed(completed.map(({ task, urgency, createdAt }) => ({
      id: task.id, type: task.type, action: task.action, caller: task.caller, state: "succeeded", attempt: task.attempt,
      agentId: task.attempts.at(-1)!.agentId, error: null, urgency, createdAt,
    })));
    this.#listeners.roomMade();
    for (const { task, whole, dispatchedAt } of completed) {
      const seconds = (Date.parse(task.finishedAt!) - dispatchedAt.getTime()) / 1000;
      const full = whole ? task : await getTask(this.#pool, task.id).catch(() => null);
      if (full) this.#listeners.completed(full, seconds);
    }
    return completed.map(({ task }) => task.id);
  }
}

function eventOf({ outcome, attempt, error }: ResultMessage): TaskEvent {
  if (outcome === "returned" || outcome === "cancelled") return { kind: outcome, attempt };
  return { kind: "failed", attempt, error: error ?? { code: "internal", message: "The agent reported a failure without saying which.", retryable: true } };
}
