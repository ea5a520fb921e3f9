import { z } from "zod";
import { defineTool } from "../../../../kit/tool.ts";
import type { Deps } from "../deps.ts";
import { detailOf, TaskDetail, TaskId } from "../task-view.ts";

export const getTask = defineTool<Deps>()({
  name: "get_task",
  title: "Look at a task",
  description: "Gives a task's state, progress, result or error, and every attempt with the agent that made it. To wait for its end use wait_for_task.",
  input: z.strictObject({ id: TaskId }),
  output: TaskDetail,
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  async handler({ id }, { deps, signal }) {
    return detailOf(await deps.hub.getTask(id, signal));
  },
});
