/** One call of a tool: input checked, handler run, output checked. The runtime and the tests go through here alike. */
import type { z } from "zod";
import { mayChange } from "../../contract/access.ts";
import { UserFault } from "./errors.ts";
import type { Tool, ToolContext } from "./tool.ts";

/** `amountWei: must be positive; extra: unknown field`, for messages that people and models read. */
export function describeIssues(error: z.core.$ZodError): string {
  return error.issues
    .map((issue) => {
      const path = issue.path.join(".");
      return path === "" ? issue.message : `${path}: ${issue.message}`;
    })
    .join("; ");
}

/**
 * @throws {UserFault} when the caller's role may not, the input does not fit the tool's schema, or the handler says so
 * @throws {Error} when the handler breaks its own output schema, which is a bug of ours
 */
export async function runTool<D>(tool: Tool<D>, input: unknown, ctx: ToolContext<D>): Promise<Record<string, unknown>> {
  // The gateway has asked too; but a server can be reached without it.
  if (ctx.caller && !tool.annotations.readOnlyHint && !mayChange(ctx.caller.role)) {
    throw new UserFault(`${ctx.caller.sub} has the role ${ctx.caller.role} and may call only tools that read; ${tool.name} changes something.`);
  }
  const parsed = await tool.input.safeParseAsync(input ?? {});
  if (!parsed.success) {
    throw new UserFault(`The arguments of ${tool.name} do not fit: ${describeIssues(parsed.error)}. Its input schema is in tools/list.`);
  }
  const output = await tool.output.safeParseAsync(await tool.handler(parsed.data, ctx));
  if (!output.success) throw new Error(`${tool.name} broke its output schema: ${describeIssues(output.error)}`);
  return output.data;
}
