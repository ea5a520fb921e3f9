/** A consumer that takes up its queue again after every loss. */
import type { Channel, ConsumeMessage } from "amqplib";
import { EXCHANGES } from "../../../contract/bus.ts";
import { messageOf } from "../errors.ts";
import type { Logger } from "../log.ts";
import type { Delivery, SubscribeOptions, Subscription } from "../rabbitmq.ts";
import { KeptChannel } from "./kept-channel.ts";
import type { Link } from "./link.ts";

export class Consumer implements Subscription {
  readonly queue: string;
  readonly #options: SubscribeOptions;
  readonly #kept: KeptChannel<Channel>;
  readonly #log: Logger;
  readonly #onClose: (consumer: Consumer) => void;
  #tag: string | null = null;
  #cancelled = false;

  constructor(link: Link, options: SubscribeOptions, log: Logger, onClose: (consumer: Consumer) => void, onRefused?: () => void) {
    this.queue = options.queue;
    this.#onClose = onClose;
    this.#options = options;
    this.#log = log;
    this.#kept = new KeptChannel({ link, name: options.queue, log, onRefused, create: (model) => model.createChannel(), setUp: (channel) => this.#setUp(channel) });
  }

  /** Deliveries can arrive. */
  get active(): boolean {
    return this.#kept.current !== null;
  }

  async whenActive(timeoutMs?: number): Promise<void> {
    await this.#kept.whenOpen(timeoutMs);
  }

  async cancel(): Promise<void> {
    this.#cancelled = true;
    if (this.#tag !== null) await this.#kept.current?.cancel(this.#tag).catch(() => undefined);
  }

  close(): Promise<void> {
    this.#onClose(this);
    return this.#kept.close();
  }

  async #setUp(channel: Channel): Promise<void> {
    const { queue, prefetch, exclusive } = this.#options;
    channel.on("error", (error) => this.#log.debug({ queue, reason: messageOf(error) }, "rabbitmq closed the channel"));
    await channel.prefetch(prefetch);
    if (exclusive) {
      await channel.assertQueue(queue, { exclusive: true, durable: false, autoDelete: true });
      for (const key of exclusive.bind) await channel.bindQueue(queue, EXCHANGES.topic, key);
    }
    if (this.#cancelled) return;
    let alive = true;
    channel.once("close", () => { alive = false; });
    const consumer = await channel.consume(queue, (message) => {
      if (message) this.#options.onDelivery(toDelivery(message, channel, () => alive));
      else {
        this.#log.warn({ queue }, "rabbitmq ended the consumer: the queue is gone");
        void channel.close().catch(() => undefined);
      }
    }, { arguments: this.#options.arguments });
    this.#tag = consumer.consumerTag;
  }
}

function toDelivery(raw: ConsumeMessage, channel: Channel, alive: () => boolean): Delivery {
  let settled = false;
  const settle = (action: () => void) => (): void => {
    // A dead channel has given its deliveries back already; settling them on another one would be a protocol error.
    if (settled || !alive()) return;
    settled = true;
    action();
  };
  return {
    body: parse(raw.content),
    raw,
    properties: raw.properties,
    redelivered: raw.fields.redelivered,
    ack: settle(() => channel.ack(raw)),
    requeue: settle(() => channel.nack(raw, false, true)),
    reject: settle(() => channel.nack(raw, false, false)),
  };
}

function parse(content: Buffer): unknown {
  try {
    return JSON.parse(content.toString("utf8"));
  } catch {
    return undefined;
  }
}
