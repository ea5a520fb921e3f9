/** Live events: to everybody who listens over HTTP, and to the stream `events.system`. */
import { randomUUID } from "node:crypto";
import { cloudEventHeaders, EVENT_TYPES } from "../../../contract/bus.ts";
import type { Bus } from "../../kit/rabbitmq.ts";
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

export class EventFeed {
  readonly #bus: () => Pick<Bus, "publish" | "publishes">;
  readonly #listeners = new Set<Listener>();
  #unconfirmed = 0;
  #gathered: { event: LiveEvent; routingKey: string }[] = [];
  #timer: NodeJS.Timeout | null = null;

  constructor(bus: () => Pick<Bus, "publish" | "publishes">) {
    this.#bus = bus;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  /** @returns what ends the subscription */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  taskChanged({ id, type, action, caller, state, attempt, agentId, error }: TaskChange): void {
    this.#emit(EVENT_TYPES.taskStateChanged, `events.system.task.${state}`, id, { id, type, action, caller, state, attempt, agentId, error });
  }

  serviceChanged({ kind, entry }: ServiceChange): void {
    this.#emit(EVENT_TYPES.serviceChanged, `events.system.service.${kind}`, entry.key, { change: kind, ...entry });
  }

  #emit(type: string, routingKey: string, subject: string, data: Record<string, unknown>): void {
    const event: LiveEvent = { specversion: "1.0", id: randomUUID(), source: SOURCE, type, subject, time: new Date().toISOString(), data };
    for (const listener of this.#listeners) listener(event);
    if (this.#unconfirmed + this.#gathered.length >= MAX_UNCONFIRMED) return;
    this.#gathered.push({ event, routingKey });
    this.#timer ??= setTimeout(() => this.flush(), GATHER_MS);
  }

  /** Publishes what is gathered. */
  flush(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    const bus = this.#bus();
    for (const { event: { id, source, type, subject, time, data }, routingKey } of this.#gathered.splice(0)) {
      if (!bus.publishes) return;
      this.#unconfirmed++;
      bus.publish(routingKey, data, { messageId: id, headers: cloudEventHeaders({ id, source, type, subject, time }) })
        .catch(() => undefined)
        .finally(() => { this.#unconfirmed--; });
    }
  }
}
