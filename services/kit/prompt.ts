/** A prompt of an MCP server: a message that a person chooses, with what it needs to know. */
import type { PromptMessage } from "@modelcontextprotocol/server";
import type { z } from "zod";
import type { ToolContext } from "./tool.ts";

export interface PromptDefinition<D, I extends z.ZodObject> {
  /** In snake case. */
  name: string;
  title: string;
  description: string;
  /** `z.strictObject` of strings, as the protocol has them; every field described. */
  input: I;
  /** @throws {UserFault} for what the caller can fix; its message is the answer */
  handler(input: z.output<I>, ctx: ToolContext<D>): Promise<PromptMessage[]>;
}

/** Any prompt that works with dependencies `D`. */
export type Prompt<D> = PromptDefinition<D, any>;

/** Ties a handler's types to its schema: `definePrompt<Deps>()({ name: "review_route", … })`. */
export const definePrompt =
  <D>() =>
  <I extends z.ZodObject>(prompt: PromptDefinition<D, I>): PromptDefinition<D, I> =>
    prompt;
