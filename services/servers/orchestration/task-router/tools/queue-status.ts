import { z } from "zod";
import { UserFault } from "../../../../kit/errors.ts";
import { defineTool } from "../../../../kit/tool.ts";
import type { Deps } from "../deps.ts";

export const queueStatus = defineTool<Deps>()({
  name: "queue_status",
  title: "Queue status",
  description: "Tells how much work waits for the agents of each type and for how long, and how many instances that calls for. Ask it when tasks stay pending, or before submitting many.",
  input: z.strictObject({
    type: z.string().max(64).optional().describe("Only this agent type."),
  }).meta({ examples: [{}] }),
  output: z.object({
    queues: z.array(z.object({
      type: z.string().describe("Agent type."),
      instances: z.int().describe("Agents that take tasks now."),
      capacity: z.int().describe("Tasks they do at once, together."),
      pending: z.int().describe("Tasks that are not dispatched yet."),
      active: z.int().describe("Tasks with the broker or an agent."),
      dead: z.int().describe("Tasks whose attempts are used up; replay_task runs one again."),
      oldestPendingSeconds: z.number().describe("How long the longest waiting task could have been worked on by now: the latency that a new task has to expect."),
      startedPerSecond: z.number().describe("Attempts begun, mean of the last minute."),
      suggestedInstances: z.int().describe("Instances that the load calls for; only a person can change them."),
      reason: z.string().describe("What the suggestion rests on."),
    })).describe("Deployed types, and those that have work all the same, by name."),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  async handler({ type }, { deps, signal }) {
    const all = await deps.hub.listQueues(signal);
    const wanted = all.filter((queue) => type === undefined || queue.type === type);
    if (type !== undefined && wanted.length === 0) {
      throw new UserFault(`No agent of type "${type}" is deployed and no task of it waits. There are: ${all.map((queue) => queue.type).join(", ") || "none"}.`);
    }
    return { queues: wanted.map(({ suggestion, ...queue }) => ({ ...queue, suggestedInstances: suggestion.replicas, reason: suggestion.reason })) };
  },
});
