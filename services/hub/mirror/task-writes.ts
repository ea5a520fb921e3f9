/** What is to be written of tasks: of each its last word only, and of each kind one command for all where Redis has such. */
import type { ChainableCommander } from "ioredis";
import { redisKeys, RESULT_CACHE_TTL_SECONDS } from "../../../contract/redis-keys.ts";

/** What is absent stays as it is; null removes. */
export interface TaskWrite {
  /** Score in `mcp:tasks:pending`. */
  pending?: number | null;
  /** Fields of `mcp:tasks:active:<id>`. */
  active?: Record<string, string | number> | null;
  /** JSON of a finished task. */
  cached?: string | null;
}

/** Seconds a hash of a running task outlives its last change: the hub removes it, this is for when it cannot. */
const ACTIVE_TTL_SECONDS = 3_600;

export class TaskWrites {
  readonly #writes = new Map<string, TaskWrite>();

  get size(): number {
    return this.#writes.size;
  }

  add(id: string, write: TaskWrite): void {
    const earlier = this.#writes.get(id);
    this.#writes.set(id, { ...earlier, ...write, ...(earlier?.active && write.active ? { active: { ...earlier.active, ...write.active } } : {}) });
  }

  /** The oldest ones, which are then no longer here. */
  take(limit: number): Map<string, TaskWrite> {
    const taken = new Map<string, TaskWrite>();
    for (const [id, write] of this.#writes) {
      if (taken.size >= limit) break;
      taken.set(id, write);
    }
    for (const id of taken.keys()) this.#writes.delete(id);
    return taken;
  }
}

/** Adds the commands to the pipeline. */
export function writeTasks(pipeline: ChainableCommander, writes: ReadonlyMap<string, TaskWrite>): void {
  const waiting: (number | string)[] = [];
  const notWaiting: string[] = [];
  const gone: string[] = [];
  for (const [id, { pending, active, cached }] of writes) {
    if (pending === null) notWaiting.push(id);
    else if (pending !== undefined) waiting.push(pending, id);
    if (active === null) gone.push(redisKeys.taskActive(id));
    else if (active !== undefined) pipeline.hset(redisKeys.taskActive(id), active).expire(redisKeys.taskActive(id), ACTIVE_TTL_SECONDS);
    if (cached === null) gone.push(redisKeys.resultCache(id));
    else if (cached !== undefined) pipeline.set(redisKeys.resultCache(id), cached, "EX", RESULT_CACHE_TTL_SECONDS);
  }
  if (waiting.length > 0) pipeline.zadd(redisKeys.tasksPending, ...waiting);
  if (notWaiting.length > 0) pipeline.zrem(redisKeys.tasksPending, ...notWaiting);
  if (gone.length > 0) pipeline.del(...gone);
}
