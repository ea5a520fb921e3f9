/** The gateway's own two tools, for clients that do not want every definition at once: `POST /mcp?tools=search` lists these alone. */
import { z } from "zod";
import { CALL_TOOL, FIND_TOOLS } from "./catalogue/naming.ts";

export const FindToolsInput = z.strictObject({
  query: z.string().max(1_000).default("").describe("Words of what is to be done, as in `decode calldata`. Without any: every tool, by name."),
  server: z.string().max(100).optional().describe("Only tools of this server."),
  limit: z.number().int().min(1).max(50).default(8).describe("At most so many, best first."),
});

const CallToolInput = z.strictObject({
  name: z.string().describe("As find_tools gives it: `<server>.<tool>`."),
  arguments: z.record(z.string(), z.unknown()).optional().describe("As the tool's inputSchema wants them."),
});

const READS = { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false };
const schemaOf = (schema: z.ZodType): object => {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io: "input" });
  return json;
};

/** As the list shows them; JSON text. */
export const OWN_TOOLS: readonly string[] = [
  {
    name: CALL_TOOL, title: "Call a tool", inputSchema: schemaOf(CallToolInput), annotations: { ...READS, readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
    description: "Calls a tool that find_tools has found, and answers what that tool answers. What it changes is what that tool changes.",
  },
  {
    name: FIND_TOOLS, title: "Find tools", inputSchema: schemaOf(FindToolsInput), annotations: READS,
    description: "Finds tools of all servers by what they are for, with their input schemas. Call what it finds with call_tool.",
  },
].map((tool) => JSON.stringify(tool));
