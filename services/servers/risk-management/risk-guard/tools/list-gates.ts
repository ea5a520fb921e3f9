import { z } from "zod";
import { defineTool } from "../../../../kit/tool.ts";
import type { Deps } from "../deps.ts";

export const listGates = defineTool<Deps>()({
  name: "list_gates",
  title: "List gates",
  description: "Lists every gate in the order in which the flash trader asks them, how many opportunities each kept back since it started, and the last reason in words.",
  input: z.strictObject({ onlyShut: z.boolean().default(false).describe("Only gates that have kept something back.") }).meta({ examples: [{}] }),
  output: z.object({
    since: z.string().describe("Start of the trader's process, ISO 8601."),
    gates: z.array(z.object({
      gate: z.string(),
      refusals: z.int(),
      last: z.object({ message: z.string(), key: z.string().describe("The opportunity's key."), at: z.string() }).nullable(),
    })),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  async handler({ onlyShut }, { deps, signal }) {
    const { since, gates } = await deps.trader.gates(signal);
    return { since, gates: gates.filter(({ refusals }) => !onlyShut || refusals > 0) };
  },
});
