/** Live events: to everybody who listens over HTTP, and to the stream `events.system`. */
import { randomUUID } from "node:crypto";
import { cloudEventHeaders, EVENT_TYPES, type EventStream } from "../../../contract/bus.ts";
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
  #gathered: { event: LiveEvent; routingKey: string }[] = [];
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
        const headers = (delivery.properties.headers ?? {}) as Record<string, unknown>;
        const attribute = (name: string): string => String(headers[`cloudEvents:${name}`] ?? "");
        if (attribute("type") !== EVENT_TYPES.taskStateChanged || attribute("mcporigin") === this.#origin) return;
        this.#tell({
          specversion: "1.0", id: attribute("id"), source: attribute("source"), type: attribute("type"), subject: attribute("subject"), time: attribute("time"),
          data: delivery.body as Record<string, unknown>,
        });
      },
    });
  }

  taskChanged({ id, type, action, caller, state, attempt, agentId, error }: TaskChange): void {
    this.#emit(EVENT_TYPES.taskStateChanged, `events.system.task.${state}`, id, { id, type, action, caller, state, attempt, agentId, error });
  }

  serviceChanged({ kind, entry }: ServiceChange): void {
    this.#emit(EVENT_TYPES.serviceChanged, `events.system.service.${kind}`, entry.key, { change: kind, ...entry });
  }

  #emit(type: string, routingKey: string, subject: string, data: Record<string, unknown>): void {
    const event: LiveEvent = { specversion: "1.0", id: randomUUID(), source: SOURCE, type, subject, time: new Date().toISOString(), data };
    this.#tell(event);
    if (type === EVENT_TYPES.serviceChanged && this.#options.shared && !this.#options.leads()) return;
    if (this.#unconfirmed + this.#gathered.length >= MAX_UNCONFIRMED) return;
    this.#gathered.push({ event, routingKey });
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
    const origin = this.#options.shared ? { mcporigin: this.#origin } : {};
    for (const { event: { id, source, type, subject, time, data }, routingKey } of this.#gathered.splice(0)) {
      if (!bus.publishes) return;
      this.#unconfirmed++;
      bus.publish(routingKey, data, { messageId: id, headers: cloudEventHeaders({ id, source, type, subject, time, ...origin }) })
        .catch(() => undefined)
        .finally(() => { this.#unconfirmed--; });
    }
  }
}
