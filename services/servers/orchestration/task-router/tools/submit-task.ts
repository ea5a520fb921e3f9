import { z } from "zod";
import { PRIORITIES, TASK_STATES } from "../../../../../contract/tasks.ts";
import { defineTool } from "../../../../kit/tool.ts";
import type { Deps } from "../deps.ts";

export const submitTask = defineTool<Deps>()({
  name: "submit_task",
  title: "Submit a task",
  description: "Hands a task to the agents of a type and returns at once with its id. What it does is up to the action: list_actions has them with their input schemas. Follow it with wait_for_task.",
  input: z.strictObject({
    type: z.string().min(1).max(64).describe("Agent type, as in code-indexer."),
    action: z.string().min(1).max(64).describe("One of the type's actions, as in index_repository."),
    input: z.record(z.string(), z.unknown()).default({}).describe("Input of the action, by its schema in list_actions."),
    priority: z.enum(PRIORITIES).default("normal").describe("Tasks of higher priority go first."),
    idempotencyKey: z.string().min(1).max(100).optional().describe("Submitting again with the same key gives the same task instead of a second one. Set it whenever you might repeat a call."),
    deadline: z.iso.datetime({ offset: true }).optional().describe("RFC 3339; a task not done by then fails."),
    maxAttempts: z.int().min(1).max(20).optional().describe("Attempts allowed; the type's own policy when left out."),
  }),
  output: z.object({
    id: z.string().describe("Id of the task."),
    state: z.enum(TASK_STATES).describe("pending for a new task; whatever it is by now for a repeated key."),
  }),
  // An action may do anything, so this must count as the strongest of them.
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
  async handler({ idempotencyKey, ...request }, { deps, caller, log, signal }) {
    // To the hub all calls come from this server: keys of different callers must not meet.
    const key = idempotencyKey && `${caller?.sub ?? "anonymous"}/${idempotencyKey}`.slice(0, 200);
    const receipt = await deps.hub.submitTask({ ...request, ...(key ? { idempotencyKey: key } : {}) }, signal);
    log.info({ taskId: receipt.id, type: request.type, action: request.action, caller: caller?.sub }, "task submitted");
    return receipt;
  },
});
