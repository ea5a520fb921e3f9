/** One connection to the broker, made again whenever it is lost. */
import type { Writable } from "node:stream";
import type { ChannelModel } from "amqplib";
import { untilDone } from "../backoff.ts";
import { messageOf } from "../errors.ts";
import type { Logger } from "../log.ts";
import { gatherWrites } from "./gather-writes.ts";

export interface LinkOptions {
  /** With user and password; secret. */
  url: string;
  /** Shown by the broker's management page. */
  name: string;
  log: Logger;
  /** The broker knows us not, or not with these rights; the access service can help. */
  onRefused?: () => void;
}

const CONNECT_TIMEOUT_MS = 5_000;

/** The broker refuses the login or a right: reply code 403 in every case. */
export function isRefusal(error: unknown): boolean {
  return (error as { code?: unknown }).code === 403 || /403|ACCESS.REFUSED/.test(messageOf(error));
}

export class Link {
  readonly #options: LinkOptions;
  readonly #closing = new AbortController();
  readonly #done: Promise<void>;
  #model: ChannelModel | null = null;
  #blocked = false;
  #waiting: ((model: ChannelModel) => void)[] = [];

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#done = this.#keep();
  }

  get up(): boolean {
    return this.#model !== null;
  }

  /** The broker has an alarm and reads nothing more from those who publish. */
  get blocked(): boolean {
    return this.#blocked;
  }

  /** The connection, as soon as there is one; never settles after `close`. */
  whenUp(): Promise<ChannelModel> {
    if (this.#model) return Promise.resolve(this.#model);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#model?.close().catch(() => undefined);
    await this.#done;
  }

  async #keep(): Promise<void> {
    const { log, name } = this.#options;
    while (!this.#closing.signal.aborted) {
      let model: ChannelModel;
      try {
        model = await untilDone(() => this.#connect(), {
          signal: this.#closing.signal,
          onFailure: (error, failures) => {
            if (failures === 1) log.warn({ connection: name, reason: messageOf(error) }, "no connection to rabbitmq; trying until there is");
            if (isRefusal(error)) this.#options.onRefused?.();
          },
        });
      } catch {
        return; // closing
      }
      const gone = new Promise<void>((resolve) => model.once("close", () => resolve()));
      if (this.#closing.signal.aborted) {
        await model.close().catch(() => undefined);
        return;
      }
      this.#model = model;
      this.#blocked = false;
      log.info({ connection: name }, "connected to rabbitmq");
      for (const resolve of this.#waiting.splice(0)) resolve(model);
      await gone;
      this.#model = null;
      if (!this.#closing.signal.aborted) log.warn({ connection: name }, "rabbitmq connection lost");
    }
  }

  async #connect(): Promise<ChannelModel> {
    const { connect } = await import("amqplib");
    const { url, name, log } = this.#options;
    // Nagle's algorithm would hold single messages back for 40 ms.
    const model = await connect(url, { noDelay: true, timeout: CONNECT_TIMEOUT_MS, clientProperties: { connection_name: name } });
    gatherWrites((model.connection as unknown as { stream: Writable }).stream);
    model.on("error", (error) => log.debug({ connection: name, reason: messageOf(error) }, "rabbitmq connection error"));
    model.on("blocked", (reason) => {
      this.#blocked = true;
      log.warn({ connection: name, reason }, "rabbitmq blocks publishers until its alarm clears");
    });
    model.on("unblocked", () => {
      this.#blocked = false;
      log.info({ connection: name }, "rabbitmq takes messages again");
    });
    return model;
  }
}
