/** One call of a tool: input checked, handler run, output checked. The runtime and the tests go through here alike. */
import type { z } from "zod";
import { ROLE_SCOPES } from "../../contract/access.ts";
import { UserFault } from "./errors.ts";
import { scopesOf, type Tool, type ToolContext } from "./tool.ts";

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
  // The gateway has looked at the role too; but a server can be reached without it, and only the server knows the scopes.
  if (ctx.caller) {
    const { sub, role } = ctx.caller;
    const has = ROLE_SCOPES[role];
    const lacking = scopesOf(tool).filter((scope) => !has.includes(scope));
    if (lacking.length > 0) throw new UserFault(`${sub} has the role ${role}, which may ${has.join(" and ")}; ${tool.name} wants a caller that may ${lacking.join(" and ")}.`);
  }
  const parsed = await tool.input.safeParseAsync(input ?? {});
  if (!parsed.success) {
    throw new UserFault(`The arguments of ${tool.name} do not fit: ${describeIssues(parsed.error)}. Its input schema is in tools/list.`);
  }
  const output = await tool.output.safeParseAsync(await tool.handler(parsed.data, ctx));
  if (!output.success) throw new Error(`${tool.name} broke its output schema: ${describeIssues(output.error)}`);
  return output.data;
}
