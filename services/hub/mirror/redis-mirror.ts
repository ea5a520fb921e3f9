/**
 * The contract's keys in Redis, derived from what PostgreSQL holds. Writes are sent together, never waited for by a
 * request, and dropped while Redis is away; when it comes back the live part is written anew.
 */
import type { ChainableCommander, Redis } from "ioredis";
import { redisKeys, RESULT_CACHE_TTL_SECONDS } from "../../../contract/redis-keys.ts";
import type { Task } from "../../../contract/tasks.ts";
import { messageOf } from "../../kit/errors.ts";
import type { Logger } from "../../kit/log.ts";
import type { Alive } from "../agents/heartbeats.ts";
import type { TaskChange } from "../tasks/task-change.ts";

/** Seconds a hash of a running task outlives its last change: the hub removes it, this is for when it cannot. */
const ACTIVE_TTL_SECONDS = 3_600;
/** Larger tasks are read from PostgreSQL. */
const CACHE_LIMIT_BYTES = 262_144;
/** Commands held while a batch is under way; beyond it they are dropped, as they are while Redis is away. */
const MAX_QUEUED = 20_000;
const BATCH = 1_000;
/** What changes within this time is sent in one write: a short task would cost four. */
const GATHER_MS = 10;
const REFILL_RETRY_MS = 1_000;

type Command = (pipeline: ChainableCommander) => void;

/** Score in `mcp:tasks:pending`: urgent before old, ascending. */
export const pendingScore = (urgency: number, createdAt: Date): number => urgency * 1e14 + createdAt.getTime();

export interface LiveTask extends Pick<TaskChange, "id" | "state" | "attempt" | "agentId" | "urgency" | "createdAt"> {
  progress: number | null;
  since: Date;
}

export class RedisMirror {
  readonly #redis: Redis;
  readonly #log: Logger;
  readonly #live: () => Promise<LiveTask[]>;
  #refillTimer: NodeJS.Timeout | null = null;
  /** Tasks that changed since the read that a refill is made from began. */
  #changedSince: Set<string> | null = null;
  #queue: Command[] = [];
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
      if (state === "pending") this.#push((p) => { p.zadd(redisKeys.tasksPending, pendingScore(change.urgency, change.createdAt), id); p.del(redisKeys.taskActive(id), redisKeys.resultCache(id)); });
      else if (state === "active") this.#push((p) => { p.zrem(redisKeys.tasksPending, id); this.#setActive(p, { ...change, progress: null, since: now }); });
      else this.#push((p) => { p.zrem(redisKeys.tasksPending, id); p.del(redisKeys.taskActive(id)); });
    }
  }

  alive(tasks: readonly Alive[]): void {
    for (const task of tasks) {
      this.#push((p) => this.#setActive(p, { id: task.taskId, attempt: task.attempt, agentId: task.agentId, progress: task.progress, since: task.startedAt }, task.note));
    }
  }

  /** Only successes are kept: nothing can change them any more. */
  cache(task: Task): void {
    const json = JSON.stringify(task);
    if (json.length <= CACHE_LIMIT_BYTES) this.#push((p) => p.set(redisKeys.resultCache(task.id), json, "EX", RESULT_CACHE_TTL_SECONDS));
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

  #setActive(pipeline: ChainableCommander, task: Pick<LiveTask, "id" | "attempt" | "agentId" | "progress" | "since">, note?: string | null): void {
    const key = redisKeys.taskActive(task.id);
    pipeline.hset(key, { agent: task.agentId ?? "", attempt: task.attempt, progress: task.progress ?? "", since: task.since.toISOString(), ...(note ? { note } : {}) });
    pipeline.expire(key, ACTIVE_TTL_SECONDS);
  }

  #refillSoon(inMs: number): void {
    this.#refillTimer ??= setTimeout(() => {
      this.#refillTimer = null;
      const changed = new Set<string>();
      // What it kept may be old; from here on every change is written, and then all that did not change.
      this.#push((p) => p.del(redisKeys.tasksPending));
      this.#changedSince = changed;
      this.#live().then(
        (tasks) => this.#refill(tasks.filter(({ id }) => !changed.has(id))),
        () => this.#refillSoon(REFILL_RETRY_MS),
      ).finally(() => { this.#changedSince = null; });
    }, inMs);
  }

  #refill(tasks: readonly LiveTask[]): void {
    for (const task of tasks) {
      if (task.state === "pending") this.#push((p) => p.zadd(redisKeys.tasksPending, pendingScore(task.urgency, task.createdAt), task.id));
      else this.#push((p) => this.#setActive(p, task));
    }
  }

  #push(command: Command): void {
    if (this.#redis.status !== "ready" || this.#queue.length >= MAX_QUEUED) return;
    this.#queue.push(command);
    if (!this.#flushing) void this.#flush();
  }

  async #flush(): Promise<void> {
    this.#flushing = true;
    await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
    while (this.#queue.length > 0) {
      const pipeline = this.#redis.pipeline();
      for (const command of this.#queue.splice(0, BATCH)) command(pipeline);
      const failed = await pipeline.exec().then((results) => results?.find(([error]) => error)?.[0], (error: unknown) => error);
      if (failed === undefined) continue;
      // As while Redis still loads its data: what it missed is written with the rest.
      this.#log.debug({ reason: messageOf(failed) }, "redis missed an update");
      if (this.#redis.status === "ready" && !/NOPERM/.test(messageOf(failed))) this.#refillSoon(REFILL_RETRY_MS);
    }
    this.#flushing = false;
  }
}
