import { z } from "zod";
import { defineAction } from "../../../kit/agent.ts";
import { deadLetterFilter } from "../dead-letter-filter.ts";
import type { AdminDeps } from "../deps.ts";
import { deadLettersMarkdown } from "../report/dead-letters-markdown.ts";

export const deadLetterReport = defineAction<AdminDeps>()({
  name: "dead_letter_report",
  description: "What was given up and why: dead and failed tasks in groups of type, action and error code, with the newest message of each and a task to look at.",
  input: z.strictObject({
    ...deadLetterFilter,
    groups: z.number().int().min(1).max(500).default(50).describe("At most so many groups, largest first."),
  }),
  output: z.object({
    total: z.number().int(),
    groups: z.array(z.object({
      type: z.string(),
      action: z.string(),
      state: z.enum(["dead", "failed"]).describe("dead: attempts used up; failed: no repetition would help."),
      errorCode: z.string().nullable(),
      tasks: z.number().int(),
      oldest: z.string(),
      newest: z.string(),
      message: z.string().nullable().describe("Of the newest."),
      taskId: z.string().describe("The newest."),
    })),
    markdown: z.string(),
  }),
  async handler({ groups: limit, ...filter }, { deps }) {
    const total = await deps.fabric.countDead(filter);
    const groups = await deps.fabric.deadGroups(filter, limit);
    return { total, groups, markdown: deadLettersMarkdown(total, groups) };
  },
});
