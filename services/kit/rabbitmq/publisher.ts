/** Publishing with confirms, where a message that no queue takes is an error. */
import { randomUUID } from "node:crypto";
import type { ConfirmChannel } from "amqplib";
import { EXCHANGES } from "../../../contract/bus.ts";
import { messageOf, PermanentError, Unavailable } from "../errors.ts";
import type { Logger } from "../log.ts";
import type { PublishOptions } from "../rabbitmq.ts";
import { KeptChannel } from "./kept-channel.ts";
import { isRefusal, type Link } from "./link.ts";

/** No queue is bound for the routing key, and the exchange has no alternate that takes it. */
export class Unroutable extends PermanentError {
  override name = "Unroutable";
}

/** Milliseconds to wait for a channel, and then for the broker's confirm. */
const OPEN_TIMEOUT_MS = 5_000;
const CONFIRM_TIMEOUT_MS = 10_000;

export class Publisher {
  readonly #kept: KeptChannel<ConfirmChannel>;
  readonly #returned = new Set<string>();

  constructor(link: Link, log: Logger, onRefused?: () => void) {
    this.#kept = new KeptChannel({
      link,
      name: "publish",
      log,
      onRefused,
      create: (model) => model.createConfirmChannel(),
      setUp: async (channel) => {
        channel.on("return", (message) => this.#returned.add(String(message.properties.messageId)));
        channel.on("error", (error) => {
          log.warn({ channel: "publish", reason: messageOf(error) }, "rabbitmq closed the channel");
          if (isRefusal(error)) onRefused?.();
        });
      },
    });
  }

  get open(): boolean {
    return this.#kept.current !== null;
  }

  /**
   * Resolves once the broker has the message durably.
   *
   * @throws {Unroutable} when no queue takes it
   * @throws {Unavailable} when there is no connection, no confirm in time, or the queue is full; it may have arrived
   */
  async publish(routingKey: string, body: unknown, options: PublishOptions = {}): Promise<void> {
    const channel = this.#kept.current ?? (await this.#kept.whenOpen(OPEN_TIMEOUT_MS));
    const messageId = options.messageId ?? randomUUID();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Unavailable(`rabbitmq did not confirm a message for ${routingKey} within ${CONFIRM_TIMEOUT_MS} ms.`)),
        CONFIRM_TIMEOUT_MS,
      );
      const onConfirm = (error: Error | null): void => {
        clearTimeout(timer);
        if (this.#returned.delete(messageId)) reject(new Unroutable(`No queue takes messages for ${routingKey}.`));
        else if (error) reject(new Unavailable(`rabbitmq did not take a message for ${routingKey}: ${messageOf(error)}.`, { cause: error }));
        else resolve();
      };
      try {
        channel.publish(options.exchange ?? EXCHANGES.topic, routingKey, Buffer.from(JSON.stringify(body)), {
          mandatory: true,
          persistent: options.persistent ?? true,
          contentType: options.contentType ?? "application/json",
          timestamp: Math.floor(Date.now() / 1000),
          messageId,
          headers: options.headers,
          ...(options.expirationMs === undefined ? {} : { expiration: String(options.expirationMs) }),
        }, onConfirm);
      } catch (error) {
        clearTimeout(timer);
        // The channel went away between the look at it and the call; anything else is about the message itself.
        const gone = this.#kept.current !== channel || (error as Error).name === "IllegalOperationError";
        reject(gone ? new Unavailable(`rabbitmq is away: ${messageOf(error)}.`, { cause: error }) : error);
      }
    });
  }

  /** Waits for outstanding confirms first. */
  async close(): Promise<void> {
    await this.#kept.current?.waitForConfirms().catch(() => undefined);
    await this.#kept.close();
  }
}
