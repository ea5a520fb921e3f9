/** What agents say to the hub: results and heartbeats, taken in batches. */
import { HeartbeatMessage, QUEUES, ResultMessage } from "../../../contract/bus.ts";
import { untilDone } from "../../kit/backoff.ts";
import { messageOf } from "../../kit/errors.ts";
import type { Logger } from "../../kit/log.ts";
import type { Bus, Delivery, Subscription } from "../../kit/rabbitmq.ts";
import { describeIssues } from "../../kit/tool-call.ts";
import { Batcher } from "../batcher.ts";
import { isDataError } from "../database/errors.ts";
import type { Publish } from "../dispatch/outbox.ts";
import { bury, refusalOf, type Reason } from "./burial.ts";
import type { Control } from "./control.ts";
import { storable, withinLimit } from "./storable.ts";

export interface InboxOptions {
  bus: Pick<Bus, "subscribe">;
  publish: Publish;
  /** Stores the results durably, or finds them superseded. Answers the ids of tasks that there are not. */
  onResults(results: ResultMessage[]): Promise<ReadonlySet<string>>;
  onHeartbeats(heartbeats: HeartbeatMessage[]): Promise<void>;
  control: Control;
  log: Logger;
}

const PREFETCH = 512;
const BATCH = 256;

export class Inbox {
  readonly #options: InboxOptions;
  readonly #closing = new AbortController();
  /** Whether there is such a task. */
  readonly #results: Batcher<ResultMessage, boolean>;
  readonly #heartbeats: Batcher<HeartbeatMessage, boolean>;
  #subscriptions: Subscription[] = [];

  constructor(options: InboxOptions) {
    this.#options = options;
    this.#results = this.#batches("results", options.onResults);
    this.#heartbeats = this.#batches("heartbeats", async (heartbeats) => {
      await options.onHeartbeats(heartbeats);
      return new Set();
    });
  }

  start(): void {
    const { bus } = this.#options;
    this.#subscriptions = [
      bus.subscribe({ queue: QUEUES.results, prefetch: PREFETCH, onDelivery: (delivery) => void this.#take(delivery) }),
      bus.subscribe({
        queue: QUEUES.heartbeats,
        prefetch: PREFETCH,
        onDelivery: (delivery) => this.#takeHeartbeat(delivery),
      }),
    ];
  }

  /** What agents say arrives. */
  get listens(): boolean {
    return this.#subscriptions.length > 0 && this.#subscriptions.every(({ active }) => active);
  }

  /** Takes nothing new, ends what is under way; what is not acknowledged by then comes again. */
  async close(): Promise<void> {
    await Promise.all(this.#subscriptions.map((subscription) => subscription.cancel()));
    this.#closing.abort();
    await Promise.all([this.#results.drained(), this.#heartbeats.drained()]);
  }

  async #take(delivery: Delivery): Promise<void> {
    const parsed = ResultMessage.safeParse(delivery.body);
    if (!parsed.success) return this.#refuse(delivery, "not_a_result", describeIssues(parsed.error));
    const { taskId, attempt, agentId } = parsed.data;
    let refused: [Reason, string] | null = null;
    try {
      const known = await this.#store(withinLimit(parsed.data, delivery.raw.content.length));
      if (!known) refused = ["unknown_task", `There is no task ${taskId}.`];
    } catch (error) {
      if (!isDataError(error)) return delivery.requeue();
      refused = ["unstorable", messageOf(error)];
    }
    // The agent lets go of the task only when it hears this, so it must be with the broker before the result is gone.
    await this.#options.control.stored(agentId, taskId, attempt);
    if (refused) await this.#refuse(delivery, ...refused);
    else delivery.ack();
  }

  /** Once more without what the database cannot take. */
  async #store(result: ResultMessage): Promise<boolean> {
    try {
      return await this.#results.add(result);
    } catch (error) {
      if (!isDataError(error)) throw error;
      return this.#results.add(storable(result));
    }
  }

  async #refuse(delivery: Delivery, reason: Reason, problem: string): Promise<void> {
    await bury(this.#options.publish, this.#options.log, delivery, refusalOf(delivery, reason, problem));
    delivery.ack();
  }

  #takeHeartbeat(delivery: Delivery): void {
    const parsed = HeartbeatMessage.safeParse(delivery.body);
    // Nothing is lost with one: the next comes in seconds.
    delivery.ack();
    const drop = (problem: string): void => this.#options.log.warn({ messageId: delivery.properties.messageId, problem }, "a heartbeat was dropped");
    if (!parsed.success) return drop(describeIssues(parsed.error));
    this.#heartbeats.add(parsed.data).catch((error: unknown) => { if (isDataError(error)) drop(messageOf(error)); });
  }

  /** While the database is away a batch waits for it; the prefetch limits what piles up here. */
  #batches<T extends { taskId: string }>(name: string, store: (items: T[]) => Promise<ReadonlySet<string>>): Batcher<T, boolean> {
    return new Batcher<T, boolean>({
      maxItems: BATCH,
      isolates: isDataError,
      flush: async (items) => {
        const unknown = await untilDone(() => store(items), {
          signal: this.#closing.signal,
          onFailure: (error, failures) => {
            // Trying again cannot help, and everybody else would wait.
            if (isDataError(error)) throw error;
            if (failures === 1) this.#options.log.warn({ [name]: items.length, reason: messageOf(error) }, "cannot be stored yet; trying until they are");
          },
        });
        return items.map(({ taskId }) => !unknown.has(taskId));
      },
    });
  }
}
