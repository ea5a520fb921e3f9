/** What agents say to the hub: results and heartbeats, taken in batches. */
import { HeartbeatMessage, QUEUES, ResultMessage } from "../../../contract/bus.ts";
import type { z } from "zod";
import { untilDone } from "../../kit/backoff.ts";
import { messageOf } from "../../kit/errors.ts";
import type { Logger } from "../../kit/log.ts";
import type { Bus, Delivery, Subscription } from "../../kit/rabbitmq.ts";
import { Batcher } from "../batcher.ts";
import { isDataError } from "../database/errors.ts";
import type { Control } from "./control.ts";

export interface InboxOptions {
  bus: Pick<Bus, "subscribe">;
  /** Stores the results durably, or finds them superseded. */
  onResults(results: ResultMessage[]): Promise<void>;
  onHeartbeats(heartbeats: HeartbeatMessage[]): Promise<void>;
  control: Control;
  log: Logger;
}

const PREFETCH = 512;
const BATCH = 256;

export class Inbox {
  readonly #options: InboxOptions;
  readonly #closing = new AbortController();
  readonly #results: Batcher<ResultMessage, void>;
  readonly #heartbeats: Batcher<HeartbeatMessage, void>;
  #subscriptions: Subscription[] = [];

  constructor(options: InboxOptions) {
    this.#options = options;
    this.#results = this.#batches("results", options.onResults);
    this.#heartbeats = this.#batches("heartbeats", options.onHeartbeats);
  }

  start(): void {
    const { bus } = this.#options;
    this.#subscriptions = [
      bus.subscribe({ queue: QUEUES.results, prefetch: PREFETCH, onDelivery: (delivery) => void this.#take(delivery) }),
      bus.subscribe({
        queue: QUEUES.heartbeats,
        prefetch: PREFETCH,
        onDelivery: (delivery) => {
          const heartbeat = this.#parse(HeartbeatMessage, delivery);
          // Nothing is lost with one: the next comes in seconds.
          delivery.ack();
          if (heartbeat) void this.#heartbeats.add(heartbeat).catch(() => undefined);
        },
      }),
    ];
  }

  /** Takes nothing new, ends what is under way; what is not acknowledged by then comes again. */
  async close(): Promise<void> {
    await Promise.all(this.#subscriptions.map((subscription) => subscription.cancel()));
    this.#closing.abort();
    await Promise.all([this.#results.drained(), this.#heartbeats.drained()]);
  }

  async #take(delivery: Delivery): Promise<void> {
    const result = this.#parse(ResultMessage, delivery);
    if (!result) return delivery.ack();
    try {
      await this.#results.add(result);
    } catch {
      return delivery.requeue();
    }
    // The agent lets go of the task only when it hears this, so it must be with the broker before the result is gone.
    await this.#options.control.stored(result.agentId, result.taskId, result.attempt);
    delivery.ack();
  }

  #parse<S extends z.ZodType>(schema: S, delivery: Delivery): z.output<S> | null {
    const parsed = schema.safeParse(delivery.body);
    if (parsed.success) return parsed.data;
    this.#options.log.error(
      { queue: delivery.raw.fields.routingKey, content: delivery.raw.content.subarray(0, 500).toString("utf8"), problem: parsed.error.issues[0] },
      "a message that is not of the contract was dropped",
    );
    return null;
  }

  /** While the database is away a batch waits for it; the prefetch limits what piles up here. */
  #batches<T>(name: string, store: (items: T[]) => Promise<void>): Batcher<T, void> {
    return new Batcher<T, void>({
      maxItems: BATCH,
      isolates: isDataError,
      flush: async (items) => {
        await untilDone(() => store(items), {
          signal: this.#closing.signal,
          onFailure: (error, failures) => {
            if (isDataError(error) && items.length > 1) throw error;
            if (failures === 1) this.#options.log.warn({ [name]: items.length, reason: messageOf(error) }, "cannot be stored yet; trying until they are");
          },
        });
        return items.map(() => undefined);
      },
    });
  }
}

