import { z } from "zod";
import { TASK_STATES } from "../../../../../contract/tasks.ts";
import { defineTool } from "../../../../kit/tool.ts";
import type { Deps } from "../deps.ts";
import { summaryOf, TaskSummary } from "../task-view.ts";

export const listTasks = defineTool<Deps>()({
  name: "list_tasks",
  title: "List tasks",
  description: "Lists tasks, newest first, by state and agent type, in pages. Inputs and results are left out: get_task has them.",
  input: z.strictObject({
    state: z.enum(TASK_STATES).optional().describe("Only tasks in this state; dead ones can be replayed."),
    type: z.string().max(64).optional().describe("Only tasks for this agent type."),
    limit: z.int().min(1).max(200).default(50).describe("Tasks a page at most."),
    cursor: z.string().max(500).optional().describe("nextCursor of the page before, with the same filters."),
  }),
  output: z.object({
    tasks: z.array(TaskSummary).describe("Newest first."),
    nextCursor: z.string().nullable().describe("For the next page; null on the last."),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  async handler(filter, { deps, signal }) {
    const { tasks, nextCursor } = await deps.hub.listTasks(filter, signal);
    return { tasks: tasks.map(summaryOf), nextCursor };
  },
});
