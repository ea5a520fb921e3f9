/** The limit: a message through a quorum queue of the same broker, with confirm and acknowledgement, and nothing kept. */
import type { Writable } from "node:stream";
import amqp from "amqplib";
import { gatherWrites } from "../../../services/kit/rabbitmq/gather-writes.ts";
import { atOnce, steady, type Once } from "../measure/load.ts";
import type { Figure } from "../measure/statistics.ts";
import type { Contestant } from "./contestant.ts";

const PREFETCH = 256;

export class BareAmqp implements Contestant {
  readonly name: string;
  readonly note: string;
  readonly #url: string;
  readonly #gathered: boolean;
  readonly #delivered = new Map<string, () => void>();
  #connections: amqp.ChannelModel[] = [];
  #channel: amqp.ConfirmChannel | null = null;
  #count = 0;

  /**
   * @param url of the broker's virtual host; secret
   * @param gathered with fewer, larger writes, as our kit does it, and as no user of amqplib has it without asking
   */
  constructor(url: string, gathered: boolean) {
    this.name = gathered ? "bare AMQP, gathered" : "bare AMQP";
    this.note = gathered
      ? "the same with the writes of a turn in one system call, as in our kit"
      : "publish with confirm, consume, acknowledge; no task, no result, nothing kept: the limit";
    this.#url = url;
    this.#gathered = gathered;
  }

  get #queue(): string {
    return this.#gathered ? "bench.limit.gathered" : "bench.limit";
  }

  burstOf = (tasks: number): number => tasks;

  async start(): Promise<void> {
    const connect = async (): Promise<amqp.ChannelModel> => {
      const connection = await amqp.connect(this.#url, { noDelay: true });
      if (this.#gathered) gatherWrites((connection.connection as unknown as { stream: Writable }).stream);
      this.#connections.push(connection);
      return connection;
    };
    const consumer = await (await connect()).createChannel();
    await consumer.assertQueue(this.#queue, { durable: true, arguments: { "x-queue-type": "quorum" } });
    await consumer.prefetch(PREFETCH);
    this.#channel = await (await connect()).createConfirmChannel();
    await consumer.consume(this.#queue, (message) => {
      if (!message) return;
      consumer.ack(message);
      const id = message.properties.messageId as string;
      this.#delivered.get(id)?.();
      this.#delivered.delete(id);
    });
  }

  steady(inFlight: number, ms: number, bytes: number): Promise<Figure> {
    return steady(this.#once(bytes), inFlight, ms);
  }

  burst(tasks: number): Promise<Figure> {
    return atOnce(tasks, this.#once(0));
  }

  async bulkBurst(): Promise<null> {
    return null;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#connections.splice(0).map((connection) => connection.close()));
  }

  /** Ends when the message is both confirmed and delivered. */
  #once(bytes: number): Once {
    const channel = this.#channel!;
    const content = Buffer.from(JSON.stringify({ pad: "x".repeat(bytes) }));
    return async () => {
      const messageId = String(this.#count++);
      await Promise.all([
        new Promise<void>((resolve) => this.#delivered.set(messageId, resolve)),
        new Promise<void>((resolve, reject) => channel.sendToQueue(this.#queue, content, { persistent: true, mandatory: true, messageId },
          (error) => (error ? reject(error as Error) : resolve()))),
      ]);
    };
  }
}
