/** A task that this agent holds: from its delivery until the hub has stored its result. */
import type { TaskMessage } from "../../../contract/bus.ts";
import type { Delivery } from "../rabbitmq.ts";

export const heldKey = (taskId: string, attempt: number): string => `${taskId}:${attempt}`;

export class HeldTask {
  readonly task: TaskMessage;
  readonly traceparent: string | undefined;
  readonly controller = new AbortController();
  readonly startedAt = Date.now();
  /** The latest delivery: after a lost connection the broker delivers again what is still being worked on. */
  delivery: Delivery;
  progress: number | undefined;
  note: string | undefined;
  /** Resolves when the hub says that the result is durable, or that nobody needs it. */
  readonly stored: Promise<void>;
  readonly markStored: () => void;

  constructor(task: TaskMessage, delivery: Delivery) {
    this.task = task;
    this.delivery = delivery;
    const traceparent = delivery.properties.headers?.["cloudEvents:traceparent"];
    this.traceparent = typeof traceparent === "string" ? traceparent : undefined;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.stored = promise;
    this.markStored = resolve;
  }

  get key(): string {
    return heldKey(this.task.taskId, this.task.attempt);
  }
}
