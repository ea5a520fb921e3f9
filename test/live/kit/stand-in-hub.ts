/** Speaks for the hub on the real bus, and can be told to keep silent. */
import { randomUUID } from "node:crypto";
import { cloudEventHeaders, controlQueue, EVENT_TYPES, HeartbeatMessage, RefusedMessage, ResultMessage, taskQueue, type ControlMessage } from "../../../contract/bus.ts";
import { createLogger } from "../../../services/kit/log.ts";
import { Bus } from "../../../services/kit/rabbitmq.ts";
import { TYPE, type KitRig } from "./rig.ts";

export class StandInHub {
  readonly results: ResultMessage[] = [];
  readonly heartbeats: HeartbeatMessage[] = [];
  /** What agents found on their queue and could not read. */
  readonly refused: RefusedMessage[] = [];
  /** How many `stored` messages to lose before one is sent. */
  losses = 0;
  /** Sends no `stored` at all. */
  silent = false;
  readonly #bus: Bus;

  constructor(rig: KitRig) {
    this.#bus = new Bus({ url: rig.url("rabbitmq", "hub"), name: "hub", log: createLogger("hub", "silent") });
    this.#bus.subscribe({
      queue: "results", prefetch: 100,
      onDelivery: (delivery) => {
        const refused = RefusedMessage.safeParse(delivery.body);
        if (refused.success) {
          this.refused.push(refused.data);
          return delivery.ack();
        }
        const result = ResultMessage.parse(delivery.body);
        this.results.push(result);
        delivery.ack();
        if (this.silent || this.losses-- > 0) return;
        this.say(result.agentId, { kind: "stored", attempts: [{ taskId: result.taskId, attempt: result.attempt }] });
      },
    });
    this.#bus.subscribe({
      queue: "heartbeats", prefetch: 100,
      onDelivery: (delivery) => { this.heartbeats.push(HeartbeatMessage.parse(delivery.body)); delivery.ack(); },
    });
  }

  say(agentId: string, message: ControlMessage): void {
    const queue = controlQueue(agentId);
    this.#bus.publish(queue, message, { headers: cloudEventHeaders({ id: randomUUID(), source: "/hub", type: EVENT_TYPES.control }), persistent: false })
      .catch(() => undefined);
  }

  /** @returns the task's id */
  async submit(action: string, input: object, options: { taskId?: string; attempt?: number; timeoutMs?: number; deadline?: string } = {}): Promise<string> {
    const { taskId = randomUUID(), attempt = 1, timeoutMs = 60_000, deadline = null } = options;
    await this.#bus.publish(taskQueue(TYPE), { taskId, type: TYPE, action, input, attempt, timeoutMs, deadline }, {
      headers: cloudEventHeaders({ id: `${taskId}:${attempt}`, source: "/hub", type: EVENT_TYPES.taskRequested, subject: taskId, mcpattempt: attempt }),
    });
    return taskId;
  }

  /** Puts anything into the agents' queue. */
  async plant(body: unknown): Promise<void> {
    await this.#bus.publish(taskQueue(TYPE), body);
  }

  resultsOf(taskId: string): ResultMessage[] {
    return this.results.filter((result) => result.taskId === taskId);
  }

  /** Tasks that wait in the queue, without those that an agent holds. */
  waiting(): Promise<number> {
    return this.#bus.depth(taskQueue(TYPE));
  }

  missing(): string[] {
    return this.#bus.missing();
  }

  close(): Promise<void> {
    return this.#bus.close();
  }
}
