/** A tool of an MCP server, as plain data with one function. */
import type { z } from "zod";
import type { Scope, TokenClaims } from "../../contract/access.ts";
import type { Logger } from "./log.ts";

export interface ToolContext<D> {
  /** What `connect` of the server returned. */
  deps: D;
  /** Fires when the caller goes away or cancels the task; hand it to every slow call. */
  signal: AbortSignal;
  log: Logger;
  /** Whose token came with the call; null only in tests. */
  caller: TokenClaims | null;
}

/**
 * Whether a call may be answered by a task that the client asks for later, as clients of the extension io.modelcontextprotocol/tasks can:
 * `optional`, then others wait for the result; `required`, then others are refused.
 */
export type TaskSupport = "optional" | "required";

/** All four are written out, so that a destructive tool never looks like a read. */
export interface ToolAnnotations {
  readOnlyHint: boolean;
  destructiveHint: boolean;
  idempotentHint: boolean;
  openWorldHint: boolean;
}

export interface ToolDefinition<D, I extends z.ZodObject, O extends z.ZodObject> {
  /** `verb_noun` in snake case. */
  name: string;
  title: string;
  description: string;
  /** `z.strictObject`, every field described. */
  input: I;
  output: O;
  annotations: ToolAnnotations;
  /** What the caller's role must allow, all of it; `read` or `change`, as `readOnlyHint` has it, unless said. */
  scopes?: readonly Scope[];
  /** For calls that may take more than some seconds; no call becomes a task unless said. */
  task?: TaskSupport;
  /** @throws {UserFault} for what the caller can fix; its message is the answer */
  handler(input: z.output<I>, ctx: ToolContext<D>): Promise<z.input<O>>;
}

/** Any tool that works with dependencies `D`. */
export type Tool<D> = ToolDefinition<D, any, any>;

export const scopesOf = ({ scopes, annotations }: Pick<Tool<never>, "scopes" | "annotations">): readonly Scope[] => scopes ?? [annotations.readOnlyHint ? "read" : "change"];

/** Ties a handler's types to its schemas: `defineTool<Deps>()({ name: "quote_loan_fee", … })`. */
export const defineTool =
  <D>() =>
  <I extends z.ZodObject, O extends z.ZodObject>(tool: ToolDefinition<D, I, O>): ToolDefinition<D, I, O> =>
    tool;
