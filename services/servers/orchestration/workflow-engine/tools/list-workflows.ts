import { z } from "zod";
import { TASK_STATES } from "../../../../../contract/tasks.ts";
import { COORDINATOR, RUN_WORKFLOW } from "../../../../../contract/workflow.ts";
import { defineTool } from "../../../../kit/tool.ts";
import type { Deps } from "../deps.ts";
import { isSettling, RunHead } from "../workflow-view.ts";

export const listWorkflows = defineTool<Deps>()({
  name: "list_workflows",
  title: "List runs",
  description: "Lists runs of workflows, newest first, with how many of their steps are in which state, in pages. get_workflow shows one in full.",
  input: z.strictObject({
    state: z.enum(TASK_STATES).optional().describe("Only runs in this state."),
    limit: z.int().min(1).max(200).default(50).describe("Tasks of the coordinator looked at for a page; the runs among them are answered."),
    cursor: z.string().max(500).optional().describe("nextCursor of the page before, with the same filter."),
  }).meta({ examples: [{ limit: 5 }] }),
  output: z.object({
    runs: z.array(RunHead).describe("Newest first."),
    nextCursor: z.string().nullable().describe("For the next page; null on the last."),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  async handler({ state, limit, cursor }, { deps, signal }) {
    const page = await deps.hub.listTasks({ type: COORDINATOR, ...(state && { state }), limit, ...(cursor && { cursor }) }, signal);
    const tasks = page.tasks.filter(({ action }) => action === RUN_WORKFLOW);
    const summaries = await deps.runs.summaries(tasks.map(({ id }) => id));
    return {
      runs: tasks.map((task) => ({
        id: task.id,
        name: (task.input as { name?: string } | null)?.name ?? null,
        state: task.state,
        settling: isSettling(task, summaries.get(task.id)),
        createdAt: task.createdAt,
        finishedAt: task.finishedAt,
        steps: summaries.get(task.id)?.steps ?? {},
      })),
      nextCursor: page.nextCursor,
    };
  },
});
