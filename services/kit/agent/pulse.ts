/** Signs of life: heartbeats of the tasks at hand to the hub, and the agent's status in Redis. */
import type { Redis } from "ioredis";
import { cloudEventHeaders, EVENT_TYPES, heartbeatsKey, type HeartbeatMessage } from "../../../contract/bus.ts";
import { AGENT_STATUS_TTL_SECONDS, redisKeys } from "../../../contract/redis-keys.ts";
import { messageOf } from "../errors.ts";
import type { Logger } from "../log.ts";
import type { Bus } from "../rabbitmq.ts";
import type { HeldTask } from "./held-task.ts";

export const PULSE_MS = 5_000;
/** A task's first heartbeat; most tasks are over by then and cost none. */
export const FIRST_BEAT_MS = 500;

export interface AgentStatus {
  agent_id: string;
  type: string;
  status: "active" | "idle" | "draining";
  /** Empty when there is none. */
  current_task: string;
  held: string;
  concurrency: string;
  updated_at: string;
}

export interface PulseOptions {
  bus: Pick<Bus, "publish">;
  redis: Pick<Redis, "pipeline">;
  agentId: string;
  type: string;
  log: Logger;
  held(): Iterable<HeldTask>;
  status(): AgentStatus;
}

export class Pulse {
  readonly #options: PulseOptions;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: PulseOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => this.#tick(), PULSE_MS);
    void this.#writeStatus();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Fire and forget: a lost heartbeat is followed by the next. */
  beat(held: HeldTask): void {
    const { bus, agentId, type, log } = this.#options;
    const { taskId, attempt } = held.task;
    const message: HeartbeatMessage = { taskId, attempt, agentId, progress: held.progress, note: held.note };
    const headers = cloudEventHeaders({
      id: `${held.key}:${Date.now()}`, source: `/agents/${agentId}`, type: EVENT_TYPES.taskHeartbeat, subject: taskId, mcpattempt: attempt, traceparent: held.traceparent,
    });
    bus.publish(heartbeatsKey(type), message, { headers, persistent: false })
      .catch((error: unknown) => log.debug({ taskId, reason: messageOf(error) }, "heartbeat not published"));
  }

  #tick(): void {
    for (const held of this.#options.held()) this.beat(held);
    void this.#writeStatus();
  }

  async #writeStatus(): Promise<void> {
    const { redis, agentId, log } = this.#options;
    const key = redisKeys.agentStatus(agentId);
    try {
      await redis.pipeline().hset(key, this.#options.status()).expire(key, AGENT_STATUS_TTL_SECONDS).exec();
    } catch (error) {
      log.debug({ reason: messageOf(error) }, "status not written to redis");
    }
  }
}
