import { z } from "zod";
import { RetentionAnswer, RetentionRequest } from "../../../../contract/tasks.ts";
import { defineAction } from "../../../kit/agent.ts";
import type { AdminDeps } from "../deps.ts";

export const applyRetention = defineAction<AdminDeps>()({
  name: "apply_retention",
  description: "Deletes tasks that ended more than so many days ago, with their attempts, results and effects. Counts only, unless dryRun is false.",
  input: z.strictObject({
    finishedOlderThanDays: RetentionRequest.shape.finishedOlderThanDays,
    dryRun: z.boolean().default(true).describe("Only count what would be deleted; deleting wants false, said explicitly."),
  }),
  output: RetentionAnswer,
  async handler(input, { deps, signal, log }) {
    const answer = await deps.retention.apply(input, signal);
    if (!answer.dryRun) log.info({ tasks: answer.tasks, finishedBefore: answer.finishedBefore }, "finished tasks deleted");
    return answer;
  },
});
