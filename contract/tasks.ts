/** The task API of the hub: requests, tasks and problem documents. */
import { z } from "zod";
import { TaskError } from "./bus.ts";

export const TASK_STATES = ["pending", "active", "succeeded", "failed", "cancelled", "dead"] as const;
export type TaskState = (typeof TASK_STATES)[number];
export const FINAL_STATES: readonly TaskState[] = ["succeeded", "failed", "cancelled", "dead"];

/** Type of tasks that are long tool calls made through the gateway; its colon keeps it apart from agent types. Hubs do them, no queue has them. */
export const CALL_TYPE = "mcp:call";

export const PRIORITIES = ["low", "normal", "high"] as const;

/** Body of `POST /api/v1/tasks`. */
export const TaskRequest = z.strictObject({
  type: z.string().min(1).max(64).describe("Agent type, as in `code-indexer`."),
  action: z.string().min(1).max(64).describe("One of the type's actions; see GET /api/v1/actions."),
  input: z.record(z.string(), z.unknown()).default({}).describe("Checked against the action's schema."),
  priority: z.enum(PRIORITIES).default("normal"),
  idempotencyKey: z.string().min(1).max(200).optional().describe("Same key, same caller: the same task."),
  deadline: z.iso.datetime({ offset: true }).optional().describe("RFC 3339; a task not done by then fails."),
  maxAttempts: z.number().int().min(1).max(20).optional(),
});
export type TaskRequest = z.output<typeof TaskRequest>;

/** Tasks of one batch. */
export const BATCH_LIMIT = 1_000;

/** Body of `POST /api/v1/tasks:batch`. */
export const TaskBatch = z.strictObject({ tasks: z.array(TaskRequest).min(1).max(BATCH_LIMIT) });

export const Attempt = z.object({
  attempt: z.number().int(),
  agentId: z.string().nullable(),
  startedAt: z.string(),
  finishedAt: z.string().nullable(),
  outcome: z.string().nullable(),
  error: TaskError.nullable(),
});

/** Answer of `GET /api/v1/tasks/{id}`. */
export const Task = z.object({
  id: z.uuid(),
  type: z.string(),
  action: z.string(),
  input: z.unknown(),
  state: z.enum(TASK_STATES),
  priority: z.enum(PRIORITIES),
  caller: z.string(),
  idempotencyKey: z.string().nullable(),
  attempt: z.number().int().describe("Attempts started so far."),
  maxAttempts: z.number().int(),
  progress: z.number().nullable(),
  deadline: z.string().nullable(),
  createdAt: z.string(),
  updatedAt: z.string(),
  finishedAt: z.string().nullable(),
  result: z.unknown().optional(),
  error: TaskError.nullable(),
  attempts: z.array(Attempt),
});
export type Task = z.output<typeof Task>;

/** RFC 9457 problem document. */
export const Problem = z.object({
  type: z.string().default("about:blank"),
  title: z.string(),
  status: z.number().int(),
  detail: z.string().optional(),
  /** JSON pointer → what is wrong there. */
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});
export type Problem = z.output<typeof Problem>;

/** What a timer and an integer column can hold: 24 days. */
const milliseconds = (least: number) => z.number().int().min(least).max(2_147_483_647);

/** How often and how long a type's tasks are tried; an agent's YAML may override each. */
export const TaskPolicy = z.strictObject({
  maxAttempts: z.number().int().min(1).max(20).default(3),
  backoffMs: milliseconds(0).default(1_000).describe("First delay; doubles with each attempt, with jitter."),
  maxBackoffMs: milliseconds(0).default(60_000),
  attemptTimeoutMs: milliseconds(100).default(120_000),
  heartbeatTimeoutMs: milliseconds(1_000).default(30_000).describe("Silence after which an attempt counts as lost."),
  queuedTimeoutMs: milliseconds(1_000).default(3_600_000),
  taskTimeoutMs: milliseconds(1_000).default(86_400_000)
    .describe("From submission or replay to the end, all attempts and delays included; a request's deadline stands in for it."),
});
export type TaskPolicy = z.output<typeof TaskPolicy>;

/** What an agent answers on `GET /actions`: the hub checks inputs and paces dispatch by it. */
export const ActionCatalog = z.object({
  type: z.string(),
  agentId: z.string(),
  concurrency: z.number().int().min(1),
  policy: TaskPolicy,
  actions: z.array(z.object({
    name: z.string(),
    description: z.string(),
    /** JSON Schema 2020-12. */
    input: z.record(z.string(), z.unknown()),
    output: z.record(z.string(), z.unknown()).optional(),
  })),
});
export type ActionCatalog = z.output<typeof ActionCatalog>;

/** Input of the diagnostic action that every agent type has. */
export const EchoInput = z.strictObject({
  payload: z.unknown().optional(),
  sleepMs: z.number().int().min(0).max(600_000).default(0),
  failTimes: z.number().int().min(0).max(100).default(0).describe("The first n attempts fail, retryably."),
  padBytes: z.number().int().min(0).max(1_000_000).default(0).describe("Bytes of padding added to the result."),
});
export const EchoOutput = z.object({
  payload: z.unknown(),
  agent: z.string(),
  attempt: z.number().int(),
  /** Rows this task's effect left in an append-only table without a unique constraint. */
  effects: z.number().int(),
  pad: z.string().optional(),
});

/** Answer of `POST /api/v1/tasks`, `…/cancel` and `…/replay`. */
export const TaskReceipt = z.object({ id: z.uuid(), state: z.enum(TASK_STATES) });
export type TaskReceipt = z.output<typeof TaskReceipt>;

/** One entry of the answer of `POST /api/v1/tasks:batch`: what a request of its own would have been answered. */
export const BatchResult = z.union([
  TaskReceipt.extend({ status: z.union([z.literal(202), z.literal(200)]).describe("202 taken; 200 submitted before, under the same idempotency key.") }),
  z.object({ status: z.number().int().describe("Status of the problem: 422, or 403 for an action that the role may not submit."), problem: Problem }),
]);
export type BatchResult = z.output<typeof BatchResult>;

/** Answer of `POST /api/v1/tasks:batch`, in the order of the tasks. */
export const BatchAnswer = z.object({ results: z.array(BatchResult) });
export type BatchAnswer = z.output<typeof BatchAnswer>;

/** Body of `POST /api/v1/tasks:replay`: every field narrows the choice; without any it is everything that was given up. */
export const ReplayRequest = z.strictObject({
  type: z.string().min(1).max(64).optional().describe("Only tasks of this agent type."),
  errorCode: z.string().min(1).max(64).optional().describe("Only tasks whose last error has this code, as in `unavailable`."),
  state: z.enum(["dead", "failed"]).optional().describe("dead: attempts used up. failed: no retry could help, or too late. Both unless said."),
  finishedAfter: z.iso.datetime({ offset: true }).optional().describe("RFC 3339: only tasks given up at this time or later."),
  finishedBefore: z.iso.datetime({ offset: true }).optional().describe("RFC 3339: only tasks given up before; now unless said."),
  limit: z.number().int().min(1).max(10_000).default(1_000).describe("At most so many, oldest first."),
  dryRun: z.boolean().default(false).describe("Only count them."),
});
export type ReplayRequest = z.output<typeof ReplayRequest>;

export const ReplayAnswer = z.object({
  dryRun: z.boolean(),
  matched: z.number().int().describe("Tasks that the filter chooses, beyond the limit too."),
  replayed: z.number().int().describe("Pending again; 0 for a dry run."),
  finishedBefore: z.string().describe("The request's, or when it was taken: give it again to go on without meeting those that fail anew."),
});
export type ReplayAnswer = z.output<typeof ReplayAnswer>;

/** Work that waits for the agents of one type, and how many of them it would take. */
export const QueueStatus = z.object({
  type: z.string(),
  instances: z.number().int().describe("Registered agents that take tasks; those that drain are left out."),
  capacity: z.number().int().describe("Tasks that they do at once, together."),
  pending: z.number().int().describe("Not dispatched yet."),
  active: z.number().int().describe("With the broker or an agent."),
  dead: z.number().int().describe("Attempts used up; can be replayed."),
  oldestPendingSeconds: z.number().describe("Queue latency: how long the longest waiting task could have been worked on by now."),
  startedPerSecond: z.number().describe("Attempts begun, mean of the last minute."),
  suggestion: z.object({ replicas: z.number().int(), reason: z.string() }),
});
export type QueueStatus = z.output<typeof QueueStatus>;

/** Answer of `GET /api/v1/queues`: deployed types, and those that have work all the same, by name. */
export const QueuesAnswer = z.object({ queues: z.array(QueueStatus) });
export type QueuesAnswer = z.output<typeof QueuesAnswer>;

/** Answer of `POST /api/v1/agents/{id}/drain`. */
export const DrainReceipt = z.object({
  id: z.string(),
  status: z.string().describe("Of the agent at this moment; draining once it has heard."),
  currentTask: z.string().nullable().describe("One of the tasks that it still holds; null when it holds none."),
});
export type DrainReceipt = z.output<typeof DrainReceipt>;

/** Query of `GET /api/v1/tasks`. */
export const TaskFilter = z.object({
  state: z.enum(TASK_STATES).optional(),
  type: z.string().optional(),
  cursor: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(200).optional(),
});
export type TaskFilter = z.output<typeof TaskFilter>;

/** Answer of `GET /api/v1/tasks`, newest first. */
export const TaskPage = z.object({
  tasks: z.array(Task),
  /** Give it as `cursor` for the next page; null on the last. */
  nextCursor: z.string().nullable(),
});
export type TaskPage = z.output<typeof TaskPage>;

/** Answer of `GET /api/v1/actions`: one entry a deployed type. */
export const ActionsAnswer = z.object({ types: z.array(ActionCatalog.omit({ agentId: true })) });
export type ActionsAnswer = z.output<typeof ActionsAnswer>;

/** Body of `POST /api/v1/retention`; for admins and the admin agent. */
export const RetentionRequest = z.strictObject({
  finishedOlderThanDays: z.number().int().min(1).max(3_650).describe("Tasks that ended before that many days are deleted, with all that belongs to them."),
  dryRun: z.boolean().describe("Only count them."),
});
export type RetentionRequest = z.output<typeof RetentionRequest>;

export const RetentionAnswer = z.object({
  dryRun: z.boolean(),
  /** RFC 3339: tasks that ended before. */
  finishedBefore: z.string(),
  /** Deleted, or what would be. */
  tasks: z.number().int(),
  byState: z.partialRecord(z.enum(TASK_STATES), z.number().int()),
});
export type RetentionAnswer = z.output<typeof RetentionAnswer>;
