/** A task as every tool of this server shows it. */
import { z } from "zod";
import { PRIORITIES, TASK_STATES, type Task } from "../../../../contract/tasks.ts";

export const TaskId = z.uuid().describe("Id of the task, as submit_task answered it.");

const ErrorView = z.object({
  code: z.string().describe("For programs: bad_input, timeout, unavailable, internal, …"),
  message: z.string().describe("For people."),
  retryable: z.boolean().describe("Another attempt might have helped."),
});

export const TaskSummary = z.object({
  id: z.string().describe("Id of the task."),
  type: z.string().describe("Agent type."),
  action: z.string().describe("Action of that type."),
  state: z.enum(TASK_STATES).describe("pending and active are on their way; succeeded, failed, cancelled and dead are final. dead: attempts used up, can be replayed."),
  priority: z.enum(PRIORITIES).describe("Urgency."),
  attempt: z.int().describe("Attempts started so far."),
  maxAttempts: z.int().describe("Attempts allowed."),
  progress: z.number().nullable().describe("Share done, 0 to 1, where the action tells it."),
  createdAt: z.string().describe("ISO 8601."),
  finishedAt: z.string().nullable().describe("ISO 8601; null until final."),
  error: ErrorView.nullable().describe("Why it did not succeed; null otherwise."),
});

export const TaskDetail = TaskSummary.extend({
  caller: z.string().describe("Identity that submitted it to the hub."),
  deadline: z.string().nullable().describe("After it the task is worthless."),
  input: z.unknown().describe("Input of the action."),
  result: z.unknown().describe("Result of the action; null until it succeeded."),
  attempts: z.array(z.object({
    attempt: z.int().describe("From 1."),
    agentId: z.string().nullable().describe("Agent instance that worked on it."),
    startedAt: z.string().describe("ISO 8601."),
    finishedAt: z.string().nullable().describe("ISO 8601; null while it runs."),
    outcome: z.string().nullable().describe("How it ended; null while it runs."),
    error: ErrorView.nullable().describe("Why it failed."),
  })).describe("Every attempt, oldest first."),
});

export function summaryOf(task: Task): z.output<typeof TaskSummary> {
  const { id, type, action, state, priority, attempt, maxAttempts, progress, createdAt, finishedAt, error } = task;
  return { id, type, action, state, priority, attempt, maxAttempts, progress, createdAt, finishedAt, error };
}

export function detailOf(task: Task): z.input<typeof TaskDetail> {
  const { caller, deadline, input, result, attempts } = task;
  return { ...summaryOf(task), caller, deadline, input, result: result ?? null, attempts };
}
