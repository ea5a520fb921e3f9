import { z } from "zod";
import { defineAction } from "../../../kit/agent.ts";
import { UserFault } from "../../../kit/errors.ts";
import { deadLetterFilter } from "../dead-letter-filter.ts";
import type { AdminDeps } from "../deps.ts";

/** Repeating it is harmless: what was replayed is not given up any more, unless it failed again. */
export const replayDeadLetters = defineAction<AdminDeps>()({
  name: "replay_dead_letters",
  description: "Gives tasks that were given up (dead or failed) fresh attempts, oldest first. dead_letter_report shows what there is; dryRun lists what would be replayed.",
  input: z.strictObject({
    ...deadLetterFilter,
    limit: z.number().int().min(1).max(10_000).default(100).describe("At most so many."),
    dryRun: z.boolean().default(false).describe("Change nothing, only list."),
  }),
  output: z.object({
    dryRun: z.boolean(),
    matched: z.number().int().describe("Given-up tasks that the filter chooses, beyond the limit too."),
    replayed: z.array(z.object({ id: z.string(), type: z.string(), action: z.string(), errorCode: z.string().nullable() }))
      .describe("With dryRun: those that would be."),
    refused: z.array(z.object({ id: z.string(), reason: z.string() })).describe("Tasks that the hub did not replay, as when somebody else just had."),
  }),
  async handler({ limit, dryRun, ...filter }, { deps, signal, progress }) {
    const matched = await deps.fabric.countDead(filter);
    const tasks = await deps.fabric.deadTasks(filter, limit);
    const replayed: { id: string; type: string; action: string; errorCode: string | null }[] = [];
    const refused: { id: string; reason: string }[] = [];
    for (const [index, { id, type, action, errorCode }] of tasks.entries()) {
      signal.throwIfAborted();
      try {
        if (!dryRun) await deps.hub.replayTask(id, signal);
        replayed.push({ id, type, action, errorCode });
      } catch (error) {
        if (!(error instanceof UserFault)) throw error;
        refused.push({ id, reason: error.message });
      }
      progress((index + 1) / tasks.length, `${index + 1} of ${tasks.length} tasks`);
    }
    return { dryRun, matched, replayed, refused };
  },
});
