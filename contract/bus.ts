/** The message bus: exchanges, queues, routing keys, and the shapes of what travels. */
import { z } from "zod";
import { underscored } from "./services.ts";

export const EXCHANGES = {
  /** Everything is published here; topic, durable. */
  topic: "mcp.topic",
  /** Alternate exchange of `mcp.topic`: a wrong key is seen, never lost. */
  unrouted: "mcp.unrouted",
  /** Dead-letter exchange of the task queues, direct by `tasks.<type>`. */
  dead: "mcp.dead",
} as const;

export const QUEUES = {
  unrouted: "unrouted",
  results: "results",
  heartbeats: "heartbeats",
} as const;

/** Streams: every reader reads all; bound with `<name>.#`. */
export const EVENT_STREAMS = ["events.flash_loan", "events.arbitrage", "events.system"] as const;
export type EventStream = (typeof EVENT_STREAMS)[number];

export const taskQueue = (type: string): string => `tasks.${underscored(type)}`;
export const deadQueue = (type: string): string => `dead.${underscored(type)}`;
export const resultsKey = (type: string): string => `results.${underscored(type)}`;
export const heartbeatsKey = (type: string): string => `heartbeats.${underscored(type)}`;
/** Name and routing key of the one exclusive queue that an agent instance owns. */
export const controlQueue = (agentId: string): string => `control.${agentId}`;

/** Routing keys of the flash trader's events, each in its stream. */
export const EVENT_KEYS = { opportunityFound: "events.arbitrage.found", tradeChanged: "events.flash_loan.trade_changed" } as const;

/** CloudEvents 1.0 `type` values. */
export const EVENT_TYPES = {
  taskRequested: "mcp.task.requested.v1",
  taskSucceeded: "mcp.task.succeeded.v1",
  taskFailed: "mcp.task.failed.v1",
  taskHeartbeat: "mcp.task.heartbeat.v1",
  taskDead: "mcp.task.dead.v1",
  control: "mcp.agent.control.v1",
  messageRefused: "mcp.message.refused.v1",
  taskStateChanged: "mcp.task.state-changed.v1",
  serviceChanged: "mcp.service.changed.v1",
  opportunityFound: "mcp.arbitrage.found.v1",
  tradeChanged: "mcp.flash_loan.trade-changed.v1",
} as const;

/**
 * Content type of messages in the event streams of the hub: an array of CloudEvents in structured mode (JSON batch format
 * 1.0.2). Thousands of tasks a second would otherwise be as many messages more, thrice.
 */
export const EVENT_BATCH = "application/cloudevents-batch+json";

/**
 * AMQP headers of a CloudEvent in binary mode (CloudEvents AMQP binding 1.0.2): attributes
 * travel as `cloudEvents:<name>` application properties, the data is the JSON body.
 */
export function cloudEventHeaders(attributes: {
  id: string;
  source: string;
  type: string;
  subject?: string;
  time?: string;
  mcpattempt?: number;
  traceparent?: string;
}): Record<string, string | number> {
  const headers: Record<string, string | number> = { "cloudEvents:specversion": "1.0" };
  for (const [name, value] of Object.entries({ time: new Date().toISOString(), ...attributes })) {
    if (value !== undefined) headers[`cloudEvents:${name}`] = value;
  }
  return headers;
}

/** Body of a message on `tasks.<type>`. */
export const TaskMessage = z.object({
  taskId: z.uuid(),
  type: z.string(),
  action: z.string(),
  input: z.unknown(),
  /** 1 for the first try; also the fencing token of the result. */
  attempt: z.number().int().min(1),
  /** Milliseconds this attempt may take. */
  timeoutMs: z.number().int().positive(),
  /** RFC 3339; after it the task is worthless. */
  deadline: z.iso.datetime().nullable(),
});
export type TaskMessage = z.output<typeof TaskMessage>;

export const TaskError = z.object({
  /** Stable, for programs: `bad_input`, `timeout`, `unavailable`, `internal`, … */
  code: z.string(),
  /** For people; says what to do next where there is something to do. */
  message: z.string(),
  retryable: z.boolean(),
});
export type TaskError = z.output<typeof TaskError>;

/** Largest result in bytes of JSON: RabbitMQ takes 16 MiB at most, and a task row should stay far below. */
export const RESULT_LIMIT_BYTES = 4 * 1024 * 1024;

/** Body of a message with routing key `results.<type>`. */
export const ResultMessage = z.object({
  taskId: z.uuid(),
  attempt: z.int32().min(1),
  agentId: z.string(),
  outcome: z.enum(["succeeded", "failed", "cancelled", "returned"]),
  result: z.unknown().optional(),
  error: TaskError.optional(),
});
export type ResultMessage = z.output<typeof ResultMessage>;

/** Body of a message with routing key `heartbeats.<type>`. */
export const HeartbeatMessage = z.object({
  taskId: z.uuid(),
  attempt: z.int32().min(1),
  agentId: z.string(),
  /** Share done, 0 to 1, where the handler knows it. */
  progress: z.number().min(0).max(1).optional(),
  note: z.string().max(500).optional(),
});
export type HeartbeatMessage = z.output<typeof HeartbeatMessage>;

/** Body of a message to `control.<agent_id>`. */
export const ControlMessage = z.discriminatedUnion("kind", [
  /** The results of these attempts are durable (or superseded): acknowledge their deliveries. */
  z.object({ kind: z.literal("stored"), attempts: z.array(z.object({ taskId: z.uuid(), attempt: z.number().int() })).min(1) }),
  z.object({ kind: z.literal("cancel"), taskId: z.uuid(), attempt: z.number().int() }),
  z.object({ kind: z.literal("drain") }),
]);
export type ControlMessage = z.output<typeof ControlMessage>;

/** Body of a message on `dead.<type>`, published by the hub to {@link EXCHANGES.dead} with the task queue as routing key. */
export const DeadLetter = z.object({
  taskId: z.uuid(),
  type: z.string(),
  action: z.string(),
  input: z.unknown(),
  caller: z.string(),
  reason: z.enum(["attempts_used_up", "not_retryable"]),
  attempts: z.number().int(),
  firstError: TaskError.nullable(),
  lastError: TaskError.nullable(),
  createdAt: z.string(),
  diedAt: z.string(),
});
export type DeadLetter = z.output<typeof DeadLetter>;

/**
 * Body of a message on `dead.<type>` that stands for one nobody could read. Whoever finds it on a queue of the type
 * publishes this as `results.<type>`, and the hub buries it with `reason` in the header `x-reason`.
 */
export const RefusedMessage = z.object({
  refused: z.literal(true),
  /** `not_a_task`, `not_a_result`, `unknown_task`, `unstorable`. */
  reason: z.string().regex(/^[a-z][a-z_]{0,63}$/),
  /** What is wrong with it, for people. */
  problem: z.string().max(2_000),
  queue: z.string(),
  messageId: z.string().nullable(),
  /** As text, cut after {@link REFUSED_CONTENT_LIMIT} characters. */
  content: z.string(),
});
export type RefusedMessage = z.output<typeof RefusedMessage>;
export const REFUSED_CONTENT_LIMIT = 16_384;
