/** The task fabric: what can happen to tasks, and everything that follows from it once it is committed. */
import type { Pool } from "pg";
import type { HeartbeatMessage, ResultMessage } from "../../../contract/bus.ts";
import type { Task, TaskReceipt } from "../../../contract/tasks.ts";
import type { Control } from "../agents/control.ts";
import { recordHeartbeats } from "../agents/heartbeats.ts";
import { isDataError } from "../database/errors.ts";
import { Batcher } from "../batcher.ts";
import { applyEvents, type Applied, type EventInput } from "./apply-events.ts";
import { completeTasks } from "./complete.ts";
import { getTask } from "./read.ts";
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

const SUBMIT_BATCH = 256;

export class TaskFabric {
  readonly #pool: Pool;
  readonly #control: Control;
  readonly #listeners: FabricListeners;
  readonly #submits: Batcher<Submission, Submitted>;

  constructor(pool: Pool, control: Control, listeners: FabricListeners) {
    this.#pool = pool;
    this.#control = control;
    this.#listeners = listeners;
    this.#submits = new Batcher<Submission, Submitted>({
      maxItems: SUBMIT_BATCH,
      isolates: isDataError,
      flush: (submissions) => this.#store(submissions),
    });
  }

  /** Resolves when the task is durable. */
  submit(submission: Submission): Promise<Submitted> {
    return this.#submits.add(submission);
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

  /** Results as agents report them; one of an attempt that is not the current one is let go. */
  async takeResults(results: readonly ResultMessage[]): Promise<void> {
    const succeeded = results.filter(({ outcome }) => outcome === "succeeded");
    const others = results.filter(({ outcome }) => outcome !== "succeeded");
    if (succeeded.length > 0) await this.#complete(succeeded);
    if (others.length > 0) await this.apply(others.map((result) => ({ taskId: result.taskId, agentId: result.agentId, event: eventOf(result) })));
  }

  async takeHeartbeats(heartbeats: readonly HeartbeatMessage[]): Promise<void> {
    const { alive, stale } = await recordHeartbeats(this.#pool, heartbeats);
    const inVain = [...stale, ...alive.filter(({ cancelRequested }) => cancelRequested)];
    for (const { taskId, attempt, agentId } of inVain) this.#control.cancel(agentId, taskId, attempt);
    this.#listeners.alive(alive);
  }

  /** Waits for submissions under way. */
  close(): Promise<void> {
    return this.#submits.drained();
  }

  async #store(submissions: Submission[]): Promise<Submitted[]> {
    const submitted = await submitTasks(this.#pool, submissions);
    const changes = submitted.flatMap(({ created, createdAt }, index): TaskChange[] => {
      if (!created) return [];
      const { id, type, action, caller, urgency } = submissions[index]!;
      return [{ id, type, action, caller, urgency, createdAt: createdAt!, state: "pending", attempt: 0, agentId: null, error: null }];
    });
    if (changes.length > 0) {
      this.#listeners.changed(changes);
      this.#listeners.pending(0);
    }
    return submitted;
  }

  async #complete(results: ResultMessage[]): Promise<void> {
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
  }
}

function eventOf({ outcome, attempt, error }: ResultMessage): TaskEvent {
  if (outcome === "returned" || outcome === "cancelled") return { kind: outcome, attempt };
  return { kind: "failed", attempt, error: error ?? { code: "internal", message: "The agent reported a failure without saying which.", retryable: true } };
}
