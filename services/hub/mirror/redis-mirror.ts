/**
 * The contract's keys in Redis, derived from what PostgreSQL holds. Writes are sent together, never waited for by a
 * request, and dropped while Redis is away; when it comes back the live part is written anew.
 */
import type { Redis } from "ioredis";
import { redisKeys } from "../../../contract/redis-keys.ts";
import type { Task } from "../../../contract/tasks.ts";
import { messageOf } from "../../kit/errors.ts";
import type { Logger } from "../../kit/log.ts";
import type { Alive } from "../agents/heartbeats.ts";
import type { TaskChange } from "../tasks/task-change.ts";
import { TaskWrites, writeTasks, type TaskWrite } from "./task-writes.ts";

/** Larger tasks are read from PostgreSQL. */
const CACHE_LIMIT_BYTES = 262_144;
/** Tasks held while a batch is under way; beyond it they are dropped, as they are while Redis is away. */
const MAX_QUEUED = 20_000;
const BATCH = 1_000;
/** What changes within this time is sent in one write: a short task would cost four. */
const GATHER_MS = 10;
const REFILL_RETRY_MS = 1_000;

/** Score in `mcp:tasks:pending`: urgent before old, ascending. */
export const pendingScore = (urgency: number, createdAt: Date): number => urgency * 1e14 + createdAt.getTime();

export interface LiveTask extends Pick<TaskChange, "id" | "state" | "attempt" | "agentId" | "urgency" | "createdAt"> {
  progress: number | null;
  since: Date;
}

const fieldsOf = ({ agentId, attempt, progress, since }: Pick<LiveTask, "attempt" | "agentId" | "progress" | "since">): Record<string, string | number> =>
  ({ agent: agentId ?? "", attempt, progress: progress ?? "", since: since.toISOString() });

export class RedisMirror {
  readonly #redis: Redis;
  readonly #log: Logger;
  readonly #live: () => Promise<LiveTask[]>;
  #refillTimer: NodeJS.Timeout | null = null;
  /** Tasks that changed since the read that a refill is made from began. */
  #changedSince: Set<string> | null = null;
  /** Before anything else is written. */
  #forgetPending = false;
  readonly #writes = new TaskWrites();
  #flushing = false;

  /** @param live reads the tasks that are pending or active, for a Redis that has forgotten them */
  constructor(redis: Redis, log: Logger, live: () => Promise<LiveTask[]>) {
    this.#redis = redis;
    this.#log = log;
    this.#live = live;
    redis.on("ready", () => this.#refillSoon(0));
    if (redis.status === "ready") this.#refillSoon(0);
  }

  close(): void {
    if (this.#refillTimer) clearTimeout(this.#refillTimer);
  }

  changed(changes: readonly TaskChange[]): void {
    const now = new Date();
    for (const change of changes) {
      const { id, state } = change;
      this.#changedSince?.add(id);
      if (state === "pending") this.#write(id, { pending: pendingScore(change.urgency, change.createdAt), active: null, cached: null });
      else if (state === "active") this.#write(id, { pending: null, active: fieldsOf({ ...change, progress: null, since: now }) });
      else this.#write(id, { pending: null, active: null });
    }
  }

  alive(tasks: readonly Alive[]): void {
    for (const task of tasks) {
      const fields = fieldsOf({ attempt: task.attempt, agentId: task.agentId, progress: task.progress, since: task.startedAt });
      this.#write(task.taskId, { active: { ...fields, ...(task.note ? { note: task.note } : {}) } });
    }
  }

  /** Only successes are kept: nothing can change them any more. */
  cache(task: Task): void {
    const json = JSON.stringify(task);
    if (json.length <= CACHE_LIMIT_BYTES) this.#write(task.id, { cached: json });
  }

  /** Null when it is not there, or Redis is away. */
  async cached(id: string): Promise<Task | null> {
    if (this.#redis.status !== "ready") return null;
    try {
      const json = await this.#redis.get(redisKeys.resultCache(id));
      return json === null ? null : (JSON.parse(json) as Task);
    } catch {
      return null;
    }
  }

  #refillSoon(inMs: number): void {
    this.#refillTimer ??= setTimeout(() => {
      this.#refillTimer = null;
      const changed = new Set<string>();
      // What it kept may be old; from here on every change is written, and then all that did not change.
      this.#forgetPending = true;
      this.#flushSoon();
      this.#changedSince = changed;
      this.#live().then(
        (tasks) => this.#refill(tasks.filter(({ id }) => !changed.has(id))),
        () => this.#refillSoon(REFILL_RETRY_MS),
      ).finally(() => { this.#changedSince = null; });
    }, inMs);
  }

  #refill(tasks: readonly LiveTask[]): void {
    for (const task of tasks) {
      if (task.state === "pending") this.#write(task.id, { pending: pendingScore(task.urgency, task.createdAt) });
      else this.#write(task.id, { active: fieldsOf(task) });
    }
  }

  #write(id: string, write: TaskWrite): void {
    if (this.#redis.status !== "ready" || this.#writes.size >= MAX_QUEUED) return;
    this.#writes.add(id, write);
    this.#flushSoon();
  }

  #flushSoon(): void {
    if (!this.#flushing && this.#redis.status === "ready") void this.#flush();
  }

  async #flush(): Promise<void> {
    this.#flushing = true;
    await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
    while (this.#forgetPending || this.#writes.size > 0) {
      const pipeline = this.#redis.pipeline();
      if (this.#forgetPending) pipeline.del(redisKeys.tasksPending);
      this.#forgetPending = false;
      writeTasks(pipeline, this.#writes.take(BATCH));
      const failed = await pipeline.exec().then((results) => results?.find(([error]) => error)?.[0], (error: unknown) => error);
      if (failed === undefined) continue;
      // As while Redis still loads its data: what it missed is written with the rest.
      this.#log.debug({ reason: messageOf(failed) }, "redis missed an update");
      if (this.#redis.status === "ready" && !/NOPERM/.test(messageOf(failed))) this.#refillSoon(REFILL_RETRY_MS);
    }
    this.#flushing = false;
  }
}
