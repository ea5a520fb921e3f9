/** Messages that nobody could read, and where they end: on the dead-letter queue of their type, with the reason. */
import { randomUUID } from "node:crypto";
import { cloudEventHeaders, EVENT_TYPES, EXCHANGES, QUEUES, REFUSED_CONTENT_LIMIT, RefusedMessage } from "../../../contract/bus.ts";
import { messageOf } from "../../kit/errors.ts";
import type { Logger } from "../../kit/log.ts";
import type { Delivery } from "../../kit/rabbitmq.ts";
import type { Publish } from "../dispatch/outbox.ts";

export type Reason = "not_a_result" | "unknown_task" | "unstorable";

/** What is said of a delivery on `results`; where an agent says it of one that it found, its own words. */
export function refusalOf(delivery: Delivery, reason: Reason, problem: string): RefusedMessage {
  const told = RefusedMessage.safeParse(delivery.body);
  if (told.success) return told.data;
  return {
    refused: true, reason, problem: problem.slice(0, 2_000), queue: QUEUES.results,
    messageId: delivery.properties.messageId === undefined ? null : String(delivery.properties.messageId),
    content: delivery.raw.content.toString("utf8").slice(0, REFUSED_CONTENT_LIMIT),
  };
}

/** Resolves when it is there, or, where it cannot be, in the log: one bad message must not hold up the good ones. */
export async function bury(publish: Publish, log: Logger, delivery: Delivery, refusal: RefusedMessage): Promise<void> {
  const { reason, problem, queue, content } = refusal;
  // `results.builder` → `tasks.builder`, by which the dead-letter exchange knows the type.
  const taskKey = delivery.raw.fields.routingKey.replace(/^results\./, "tasks.");
  const id = randomUUID();
  try {
    await publish(taskKey, refusal, {
      exchange: EXCHANGES.dead,
      messageId: id,
      headers: { ...cloudEventHeaders({ id, source: "/mcp/hub", type: EVENT_TYPES.messageRefused }), "x-reason": reason },
    });
    log.warn({ queue, reason, problem }, "a message was refused; it is among the dead letters of its type");
  } catch (error) {
    log.error({ queue, reason, problem, content: content.slice(0, 500), failure: messageOf(error) }, "a message was refused and could not be kept");
  }
}
