import { z } from "zod";
import { UserFault } from "../../../../kit/errors.ts";
import { defineTool } from "../../../../kit/tool.ts";
import type { Deps } from "../deps.ts";

export const listActions = defineTool<Deps>()({
  name: "list_actions",
  title: "List actions",
  description: "Lists what the deployed agents can do: the actions of each type with the JSON Schema of their input, and how often and how long a task of the type is tried.",
  input: z.strictObject({
    type: z.string().max(64).optional().describe("Only this agent type."),
    includeSchemas: z.boolean().default(true).describe("false leaves the schemas out."),
  }).meta({ examples: [{ includeSchemas: false }] }),
  output: z.object({
    types: z.array(z.object({
      type: z.string().describe("Agent type."),
      maxAttempts: z.int().describe("Attempts of a task unless it says otherwise."),
      attemptTimeoutMs: z.int().describe("Longest attempt."),
      actions: z.array(z.object({
        name: z.string().describe("Action."),
        description: z.string().describe("What it does."),
        inputSchema: z.record(z.string(), z.unknown()).nullable().describe("JSON Schema of its input; null when left out."),
        outputSchema: z.record(z.string(), z.unknown()).nullable().describe("JSON Schema of its result, where it has one; null when left out."),
      })).describe("Actions of the type."),
    })).describe("Deployed agent types."),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  async handler({ type, includeSchemas }, { deps, signal }) {
    const all = await deps.hub.listActions(signal);
    const wanted = all.filter((entry) => type === undefined || entry.type === type);
    if (type !== undefined && wanted.length === 0) {
      throw new UserFault(`No agent of type "${type}" is deployed. Deployed: ${all.map((entry) => entry.type).sort().join(", ") || "none"}.`);
    }
    return {
      types: wanted.map((entry) => ({
        type: entry.type,
        maxAttempts: entry.policy.maxAttempts,
        attemptTimeoutMs: entry.policy.attemptTimeoutMs,
        actions: entry.actions.map(({ name, description, input, output }) => ({
          name, description, inputSchema: includeSchemas ? input : null, outputSchema: includeSchemas ? output ?? null : null,
        })),
      })),
    };
  },
});
