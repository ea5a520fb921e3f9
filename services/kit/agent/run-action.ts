/** One run of an action: input checked, handler run, output checked. The consumer and the tests go through here alike. */
import type { z } from "zod";
import type { ActionContext, ActionDefinition } from "../action.ts";
import { UserFault } from "../errors.ts";
import { describeIssues } from "../tool-call.ts";

/**
 * @throws {UserFault} when the input does not fit the action's schema, or the handler says so
 * @throws {Error} when the handler breaks its own output schema, which is a bug of ours
 */
export async function runAction<D, I extends z.ZodObject, O extends z.ZodType>(
  action: ActionDefinition<D, I, O>,
  input: unknown,
  ctx: ActionContext<D>,
): Promise<unknown> {
  const parsed = await action.input.safeParseAsync(input ?? {});
  if (!parsed.success) {
    throw new UserFault(`The input of ${action.name} does not fit: ${describeIssues(parsed.error)}. GET /api/v1/actions has its schema.`);
  }
  const output = await action.output.safeParseAsync(await action.handler(parsed.data, ctx));
  if (!output.success) throw new Error(`${action.name} broke its output schema: ${describeIssues(output.error)}`);
  return output.data;
}
