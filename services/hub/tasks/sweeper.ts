/** Looks after overdue tasks: each second while work is under way, and hardly ever when there is none. */
import type { Pool } from "pg";
import { taskQueue } from "../../../contract/bus.ts";
import { messageOf } from "../../kit/errors.ts";
import type { Logger } from "../../kit/log.ts";
import type { EventInput } from "./apply-events.ts";
import { findOverdue, overdueEvent, sweepOutlook, type OverdueTask, type SweepOutlook } from "./sweep.ts";

export interface SweeperOptions {
  pool: Pool;
  /** Only the hub that dispatches sweeps. */
  leads(): boolean;
  /** What agents say arrives: the broker is there, blocks nobody, and we listen. */
  hears(): boolean;
  /** Messages ready in a queue, 0 where there is none. @throws when the broker is away */
  queueDepth(queue: string): Promise<number>;
  apply(events: EventInput[]): Promise<void>;
  /** Other work of each round: what the outbox still holds, tasks whose retry delay is over. */
  onRound(outlook: SweepOutlook): void;
  log: Logger;
}

const BUSY_MS = 1_000;
/** With tasks that only wait for an agent. */
const WAITING_MS = 5_000;
/** With nothing to do: whatever happens wakes the sweeper, this only guards against what nobody told us. */
const IDLE_MS = 30_000;
const BATCH = 500;

/** Milliseconds until the next round is due. Pure. */
export function nextRoundMs({ active, expiresInMs, unsent }: SweepOutlook): number {
  if (active || unsent) return BUSY_MS;
  if (expiresInMs === null) return IDLE_MS;
  return Math.min(WAITING_MS, Math.max(BUSY_MS, expiresInMs));
}

export class Sweeper {
  readonly #options: SweeperOptions;
  #timer: NodeJS.Timeout | null = null;
  #dueAt = Infinity;
  #running: Promise<void> | null = null;
  /** Woken during a round, which may have looked before there was something to see. */
  #wokenMeanwhile = false;
  #closed = false;
  /** Since when no round found that agents could not be heard, or that what they say could not be written down. */
  #hearingSince: number | null = null;

  constructor(options: SweeperOptions) {
    this.#options = options;
  }

  /** There is work under way: the next round comes within a second. */
  wake(): void {
    if (this.#running) this.#wokenMeanwhile = true;
    else this.#schedule(BUSY_MS);
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer) clearTimeout(this.#timer);
    await this.#running;
  }

  #schedule(inMs: number): void {
    if (this.#closed || Date.now() + inMs >= this.#dueAt) return;
    if (this.#timer) clearTimeout(this.#timer);
    this.#dueAt = Date.now() + inMs;
    this.#timer = setTimeout(() => {
      this.#dueAt = Infinity;
      this.#wokenMeanwhile = false;
      this.#running = this.#round().then((nextMs) => {
        this.#running = null;
        this.#schedule(this.#wokenMeanwhile ? BUSY_MS : nextMs);
      });
    }, inMs);
  }

  async #round(): Promise<number> {
    const { pool, leads, apply, onRound, log } = this.#options;
    if (!leads()) return IDLE_MS;
    try {
      const overdue = await this.#withoutQueued(await findOverdue(pool, BATCH, this.#hearingMs()));
      if (overdue.length > 0) {
        log.info({ tasks: overdue.length, first: overdue[0] }, "tasks are overdue");
        await apply(overdue.map(overdueEvent));
      }
      const outlook = await sweepOutlook(pool);
      onRound(outlook);
      return nextRoundMs(outlook);
    } catch (error) {
      this.#hearingSince = null;
      log.warn({ reason: messageOf(error) }, "a sweep failed; trying again");
      return WAITING_MS;
    }
  }

  /** An outage of ours is not the agents' silence: after it they have their whole time again. */
  #hearingMs(): number {
    this.#hearingSince = this.#options.hears() ? this.#hearingSince ?? Date.now() : null;
    return this.#hearingSince === null ? 0 : Date.now() - this.#hearingSince;
  }

  /**
   * A task that no agent has reported may simply wait in its queue behind others. It is lost only if the queue has
   * nothing ready: then it is neither waiting nor with a living agent, which would have reported it.
   */
  async #withoutQueued(overdue: OverdueTask[]): Promise<OverdueTask[]> {
    const suspects = new Set(overdue.filter((task) => task.overdue === "undelivered").map((task) => task.type));
    if (suspects.size === 0) return overdue;
    const waiting = new Set<string>();
    for (const type of suspects) {
      const depth = await this.#options.queueDepth(taskQueue(type)).catch(() => 1);
      if (depth > 0) waiting.add(type);
    }
    return overdue.filter((task) => task.overdue !== "undelivered" || !waiting.has(task.type));
  }
}
