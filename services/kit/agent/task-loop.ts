/** The loop of an agent: takes deliveries, runs them, reports, and acknowledges what the hub has stored. */
import { randomUUID } from "node:crypto";
import { cloudEventHeaders, EVENT_TYPES, REFUSED_CONTENT_LIMIT, resultsKey, TaskMessage, type ControlMessage, type RefusedMessage, type ResultMessage } from "../../../contract/bus.ts";
import type { Backoff } from "../backoff.ts";
import type { Logger } from "../log.ts";
import type { Bus, Delivery, Subscription } from "../rabbitmq.ts";
import { describeIssues } from "../tool-call.ts";
import { AttemptEnded } from "./attempt.ts";
import { heldKey, HeldTask } from "./held-task.ts";
import { report } from "./report.ts";

export interface TaskLoopOptions {
  bus: Pick<Bus, "publish" | "subscribe">;
  /** `tasks.code_indexer` */
  queue: string;
  /** `code-indexer` */
  type: string;
  prefetch: number;
  log: Logger;
  /** One attempt; must not throw. */
  run(held: HeldTask): Promise<ResultMessage>;
  /** Told whenever a task comes or goes. */
  onChange(): void;
  republish?: Backoff;
}

/** Remembered after they are acknowledged: a delivery whose acknowledgement was lost with its channel comes again. */
const REMEMBERED_KEYS = 2_000;

export class TaskLoop {
  readonly #options: TaskLoopOptions;
  readonly #held = new Map<string, HeldTask>();
  readonly #settled = new Set<string>();
  /** Ends reporting at the very end of a stop. */
  readonly #abandon = new AbortController();
  #subscription: Subscription | null = null;
  #idle: (() => void)[] = [];
  #draining = false;

  constructor(options: TaskLoopOptions) {
    this.#options = options;
  }

  start(): void {
    const { bus, queue, prefetch } = this.#options;
    this.#subscription = bus.subscribe({ queue, prefetch, onDelivery: (delivery) => this.#take(delivery) });
  }

  get held(): ReadonlyMap<string, HeldTask> {
    return this.#held;
  }

  get draining(): boolean {
    return this.#draining;
  }

  /** Takes no more tasks; what is held is finished. */
  async drain(): Promise<void> {
    if (this.#draining) return;
    this.#draining = true;
    this.#options.log.info({ held: this.#held.size }, "draining: no more tasks are taken");
    this.#options.onChange();
    await this.#subscription?.cancel();
  }

  onControl(message: ControlMessage): void {
    if (message.kind === "drain") return void this.drain();
    if (message.kind === "stored") for (const { taskId, attempt } of message.attempts) this.#held.get(heldKey(taskId, attempt))?.markStored();
    else this.#held.get(heldKey(message.taskId, message.attempt))?.controller.abort(new AttemptEnded("cancelled", "The task was cancelled."));
  }

  /**
   * Finishes what is held for `finishMs`, then ends the rest as `returned` and waits `handBackMs` for the hub to know;
   * what even then is unsettled goes back to the queue.
   */
  async stop(finishMs: number, handBackMs: number): Promise<void> {
    await this.drain();
    if (await this.#emptyWithin(finishMs)) return;
    for (const held of this.#held.values()) held.controller.abort(new AttemptEnded("returned", "The agent is stopping."));
    if (await this.#emptyWithin(handBackMs)) return;
    this.#abandon.abort();
    for (const held of this.#held.values()) held.delivery.requeue();
    this.#options.log.warn({ tasks: [...this.#held.values()].map((held) => held.task.taskId) }, "handed unfinished tasks back to the queue");
  }

  #take(delivery: Delivery): void {
    const parsed = TaskMessage.safeParse(delivery.body);
    if (!parsed.success) return void this.#refuse(delivery, describeIssues(parsed.error));
    if (parsed.data.type !== this.#options.type) return void this.#refuse(delivery, `type: expected ${this.#options.type}, found ${parsed.data.type}`);
    if (this.#draining) return delivery.requeue();
    const key = heldKey(parsed.data.taskId, parsed.data.attempt);
    if (this.#settled.has(key)) return delivery.ack();
    const known = this.#held.get(key);
    if (known) {
      // Another copy, as the hub publishes again what was not confirmed. Each would take a place of the prefetch for as
      // long as it is not settled; one is enough to get the task back from the broker should this agent die.
      known.delivery.ack();
      known.delivery = delivery;
      return;
    }
    const held = new HeldTask(parsed.data, delivery);
    this.#held.set(key, held);
    this.#options.onChange();
    void this.#work(held);
  }

  /** The hub puts it among the dead letters with what is wrong with it; where that cannot be, the broker does without. */
  async #refuse(delivery: Delivery, problem: string): Promise<void> {
    const { bus, queue, type, log } = this.#options;
    const messageId = delivery.properties.messageId === undefined ? null : String(delivery.properties.messageId);
    log.error({ problem, messageId }, "not a task message for us; dead-lettered");
    const refusal: RefusedMessage = {
      refused: true, reason: "not_a_task", problem: problem.slice(0, 2_000), queue, messageId,
      content: delivery.raw.content.toString("utf8").slice(0, REFUSED_CONTENT_LIMIT),
    };
    try {
      await bus.publish(resultsKey(type), refusal, { headers: cloudEventHeaders({ id: randomUUID(), source: `/agents/${type}`, type: EVENT_TYPES.messageRefused }) });
      delivery.ack();
    } catch {
      delivery.reject();
    }
  }

  async #work(held: HeldTask): Promise<void> {
    const { bus, type, log, republish } = this.#options;
    const result = await this.#options.run(held);
    const stored = await report(held, result, { bus, type, log, signal: this.#abandon.signal, backoff: republish });
    // Never acknowledged without the hub's word: the broker's copy is then the only one.
    if (!stored) return;
    held.delivery.ack();
    this.#remember(held.key);
    this.#held.delete(held.key);
    this.#options.onChange();
    if (this.#held.size === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }

  #remember(key: string): void {
    if (this.#settled.size >= REMEMBERED_KEYS) this.#settled.delete(this.#settled.keys().next().value!);
    this.#settled.add(key);
  }

  #emptyWithin(ms: number): Promise<boolean> {
    if (this.#held.size === 0) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), ms);
      this.#idle.push(() => {
        clearTimeout(timer);
        resolve(true);
      });
    });
  }
}
