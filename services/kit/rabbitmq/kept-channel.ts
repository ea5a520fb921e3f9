/** A channel that is opened again after every loss, of itself or of its connection. */
import type { Channel, ChannelModel } from "amqplib";
import { backoffMs, RECONNECT, sleep } from "../backoff.ts";
import { messageOf, Unavailable } from "../errors.ts";
import type { Logger } from "../log.ts";
import { isRefusal, type Link } from "./link.ts";

export interface KeptChannelOptions<C extends Channel> {
  link: Link;
  /** For the log and for /readyz. */
  name: string;
  create(model: ChannelModel): Promise<C>;
  /** Everything else that makes the channel usable; must put nothing outside the channel into an unrepeatable state. */
  setUp?(channel: C): Promise<void>;
  log: Logger;
  onRefused?: () => void;
}

export class KeptChannel<C extends Channel> {
  readonly #options: KeptChannelOptions<C>;
  readonly #closing = new AbortController();
  readonly #done: Promise<void>;
  #current: C | null = null;
  #waiting = new Set<(channel: C) => void>();

  constructor(options: KeptChannelOptions<C>) {
    this.#options = options;
    this.#done = this.#keep();
  }

  get current(): C | null {
    return this.#current;
  }

  /** @throws {Unavailable} when it does not open within `timeoutMs`; without a limit it waits as long as it takes */
  whenOpen(timeoutMs?: number): Promise<C> {
    if (this.#current) return Promise.resolve(this.#current);
    return new Promise((resolve, reject) => {
      const waiter = (channel: C): void => {
        clearTimeout(timer);
        resolve(channel);
      };
      const timer = timeoutMs === undefined ? undefined : setTimeout(() => {
        this.#waiting.delete(waiter);
        reject(new Unavailable(`No channel to rabbitmq within ${timeoutMs} ms.`));
      }, timeoutMs);
      this.#waiting.add(waiter);
    });
  }

  /** Ends for good; deliveries not acknowledged on it go back to their queue. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#current?.close().catch(() => undefined);
    await this.#done;
  }

  async #keep(): Promise<void> {
    const { link, name, log } = this.#options;
    const { signal } = this.#closing;
    const closed = new Promise<null>((resolve) => signal.addEventListener("abort", () => resolve(null), { once: true }));
    let failures = 0;
    while (!signal.aborted) {
      const model = await Promise.race([link.whenUp(), closed]);
      if (!model) return;
      try {
        const channel = await this.#options.create(model);
        // Before anything more is awaited: the broker's last answer and its goodbye may come in one piece.
        const gone = new Promise<void>((resolve) => channel.once("close", () => resolve()));
        await this.#options.setUp?.(channel);
        if (signal.aborted) {
          await channel.close().catch(() => undefined);
          return;
        }
        this.#current = channel;
        if (failures > 0) log.info({ channel: name }, "rabbitmq channel is open again");
        failures = 0;
        for (const waiter of this.#waiting) waiter(channel);
        this.#waiting.clear();
        await gone;
        this.#current = null;
      } catch (error) {
        if (failures === 0 && !signal.aborted) log.warn({ channel: name, reason: messageOf(error) }, "rabbitmq channel does not open; trying until it does");
        if (isRefusal(error)) this.#options.onRefused?.();
      }
      failures++;
      await sleep(backoffMs(failures, RECONNECT), signal).catch(() => undefined);
    }
  }
}
