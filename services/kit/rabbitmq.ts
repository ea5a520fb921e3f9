/** The message bus as services see it. */
import type { ConsumeMessage, MessageProperties } from "amqplib";
import { messageOf, Unavailable } from "./errors.ts";
import type { Logger } from "./log.ts";
import { Consumer } from "./rabbitmq/consumer.ts";
import { Link } from "./rabbitmq/link.ts";
import { Publisher } from "./rabbitmq/publisher.ts";

export { Unroutable } from "./rabbitmq/publisher.ts";

export interface PublishOptions {
  /** `mcp.topic` unless said otherwise. */
  exchange?: string;
  headers?: Record<string, string | number>;
  /** Unique; made up when absent. */
  messageId?: string;
  /** Milliseconds the broker may keep it in a queue. */
  expirationMs?: number;
  /** Survives a broker restart; true unless said otherwise. */
  persistent?: boolean;
  /** `application/json` unless said otherwise; the body is JSON in any case. */
  contentType?: string;
}

export interface Delivery {
  /** Parsed JSON; undefined where it is not JSON. */
  body: unknown;
  raw: ConsumeMessage;
  properties: MessageProperties;
  redelivered: boolean;
  /** Each is a no-op after the first of the three, and after the channel that brought the delivery is gone. */
  ack(): void;
  /** Back into the queue. */
  requeue(): void;
  /** To the dead-letter exchange. */
  reject(): void;
}

export interface SubscribeOptions {
  queue: string;
  /** Unacknowledged deliveries held at once. */
  prefetch: number;
  /** Declares the queue as exclusive to this connection, and binds it to `mcp.topic` by these keys. */
  exclusive?: { bind: string[] };
  /** Consumer arguments, as in `{"x-stream-offset": "next"}`. */
  arguments?: Record<string, unknown>;
  onDelivery(delivery: Delivery): void;
}

export interface Subscription {
  /** Stops deliveries; what is held stays held until acknowledged. */
  cancel(): Promise<void>;
  /** Stops for good; what is held and not acknowledged goes back to the queue. */
  close(): Promise<void>;
  /** Deliveries can arrive. */
  readonly active: boolean;
  /** @throws {Unavailable} when it does not come up within `timeoutMs`; without a limit it waits as long as it takes */
  whenActive(timeoutMs?: number): Promise<void>;
}

export interface BusOptions {
  /** `amqp://user:password@rabbitmq:5672`; secret. */
  url: string;
  /** Who connects, for the broker's management page. */
  name: string;
  log: Logger;
  /** Called when the broker refuses our login or a right of ours. */
  onRefused?: () => void;
}

/**
 * The bus: publishing with confirms on one connection, consuming on another (a broker that blocks publishers blocks
 * whole connections). Both are made again after any loss, and consumers with them.
 */
export class Bus {
  readonly #options: BusOptions;
  readonly #publishLink: Link;
  readonly #publisher: Publisher;
  readonly #consumers = new Set<Consumer>();
  #consumeLink: Link | null = null;

  constructor(options: BusOptions) {
    this.#options = options;
    this.#publishLink = this.#link("publish");
    this.#publisher = new Publisher(this.#publishLink, options.log, options.onRefused);
  }

  /**
   * Resolves once the broker has the message durably.
   *
   * @throws {Unroutable} when no queue takes it
   * @throws {Unavailable} when there is no connection, no confirm in time, or the queue is full; it may have arrived
   */
  publish(routingKey: string, body: unknown, options?: PublishOptions): Promise<void> {
    return this.#publisher.publish(routingKey, body, options);
  }

  /** Starts at once, or as soon as there is a connection and the queue exists. */
  subscribe(options: SubscribeOptions): Subscription {
    this.#consumeLink ??= this.#link("consume");
    const { log, onRefused } = this.#options;
    const consumer = new Consumer(this.#consumeLink, options, log, (closed) => void this.#consumers.delete(closed), onRefused);
    this.#consumers.add(consumer);
    return consumer;
  }

  /** A publish goes out now, without waiting for a connection or for the end of an alarm. */
  get publishes(): boolean {
    return this.#publisher.open && !this.#publishLink.blocked;
  }

  /**
   * Messages in a queue that no consumer holds; 0 where there is no such queue.
   *
   * @throws {Unavailable} while there is no connection
   */
  async depth(queue: string): Promise<number> {
    if (!this.#publishLink.up) throw new Unavailable("rabbitmq is away.");
    // A missing queue ends the channel, so it gets one of its own.
    const channel = await (await this.#publishLink.whenUp()).createChannel();
    channel.on("error", () => undefined);
    try {
      const { messageCount } = await channel.checkQueue(queue);
      await channel.close();
      return messageCount;
    } catch (error) {
      if ((error as { code?: unknown }).code === 404) return 0;
      throw new Unavailable(`rabbitmq did not say how deep ${queue} is: ${messageOf(error)}`, { cause: error });
    }
  }

  /** What it lacks to work, for /readyz. */
  missing(): string[] {
    if (!this.#publishLink.up || !this.publishes) return ["rabbitmq"];
    return [...this.#consumers].filter((consumer) => !consumer.active).map((consumer) => `rabbitmq queue ${consumer.queue}`);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#consumers].map((consumer) => consumer.close()));
    await this.#publisher.close();
    await Promise.all([this.#publishLink.close(), this.#consumeLink?.close()]);
  }

  #link(purpose: string): Link {
    const { url, name, log, onRefused } = this.#options;
    return new Link({ url, name: `${name} ${purpose}`, log, onRefused });
  }
}
