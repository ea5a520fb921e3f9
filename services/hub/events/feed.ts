/** Live events: to everybody who listens over HTTP, and to the stream `events.system`. */
import { randomUUID } from "node:crypto";
import { EVENT_BATCH, EVENT_TYPES, type EventStream } from "../../../contract/bus.ts";
import type { Bus, Subscription } from "../../kit/rabbitmq.ts";
import type { ServiceChange } from "../registry/registry.ts";
import type { TaskChange } from "../tasks/task-change.ts";

/** CloudEvents 1.0, structured. */
export interface LiveEvent {
  specversion: "1.0";
  id: string;
  source: string;
  type: string;
  subject: string;
  time: string;
  data: Record<string, unknown>;
}

export type Listener = (event: LiveEvent) => void;

/** Events are notifications: while the broker is away they are not kept, and the task API has the truth. */
const MAX_UNCONFIRMED = 2_000;
/** Events of this time go to the broker in one write. Listeners over HTTP have them at once. */
const GATHER_MS = 10;
/** Events in one message at most. */
const BATCH = 500;
/** Header that tells which hub says it, where several do. */
const ORIGIN = "mcp-origin";
const SOURCE = "/mcp/hub";

export interface FeedOptions {
  /** Throws while the hub is starting. */
  bus(): Pick<Bus, "publish" | "publishes" | "subscribe">;
  /** Other hubs change tasks too: what they say is taken from the stream, for as long as somebody listens here. */
  shared: boolean;
  /** All hubs see the services change: one of them tells the stream. */
  leads(): boolean;
}

export class EventFeed {
  readonly #options: FeedOptions;
  readonly #origin = randomUUID();
  readonly #listeners = new Set<Listener>();
  #others: Subscription | null = null;
  #unconfirmed = 0;
  #gathered: LiveEvent[] = [];
  #timer: NodeJS.Timeout | null = null;

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  /** @returns what ends the subscription @throws {Unavailable} while the hub is starting, where it shares its work with others */
  subscribe(listener: Listener): () => void {
    if (this.#options.shared) this.#others ??= this.#follow();
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      void this.#others?.close();
      this.#others = null;
    };
  }

  /** What other hubs changed, from the stream that all of them write. */
  #follow(): Subscription {
    return this.#options.bus().subscribe({
      queue: "events.system" satisfies EventStream,
      prefetch: 500,
      arguments: { "x-stream-offset": "next" },
      onDelivery: (delivery) => {
        delivery.ack();
        const { contentType, headers = {} } = delivery.properties;
        if (contentType !== EVENT_BATCH || headers[ORIGIN] === this.#origin) return;
        for (const event of delivery.body as LiveEvent[]) if (event.type === EVENT_TYPES.taskStateChanged) this.#tell(event);
      },
    });
  }

  taskChanged({ id, type, action, caller, state, attempt, agentId, error }: TaskChange): void {
    this.#emit(EVENT_TYPES.taskStateChanged, id, { id, type, action, caller, state, attempt, agentId, error });
  }

  serviceChanged({ kind, entry }: ServiceChange): void {
    this.#emit(EVENT_TYPES.serviceChanged, entry.key, { change: kind, ...entry });
  }

  #emit(type: string, subject: string, data: Record<string, unknown>): void {
    const event: LiveEvent = { specversion: "1.0", id: randomUUID(), source: SOURCE, type, subject, time: new Date().toISOString(), data };
    this.#tell(event);
    if (type === EVENT_TYPES.serviceChanged && this.#options.shared && !this.#options.leads()) return;
    if (this.#unconfirmed + this.#gathered.length >= MAX_UNCONFIRMED) return;
    this.#gathered.push(event);
    this.#timer ??= setTimeout(() => this.flush(), GATHER_MS);
  }

  #tell(event: LiveEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  /** Publishes what is gathered. */
  flush(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    const bus = this.#options.bus();
    const gathered = this.#gathered.splice(0);
    for (let start = 0; start < gathered.length && bus.publishes; start += BATCH) {
      const batch = gathered.slice(start, start + BATCH);
      this.#unconfirmed += batch.length;
      bus.publish(`${"events.system" satisfies EventStream}.changes`, batch, { contentType: EVENT_BATCH, headers: { [ORIGIN]: this.#origin } })
        .catch(() => undefined)
        .finally(() => { this.#unconfirmed -= batch.length; });
    }
  }
}
