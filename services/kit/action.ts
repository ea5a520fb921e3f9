/** An action of an agent type, as plain data with one function. */
import type { PoolClient } from "pg";
import type { z } from "zod";
import type { Logger } from "./log.ts";

export interface ActionContext<D> {
  /** What `connect` of the agent returned. */
  deps: D;
  taskId: string;
  /** 1 for the first try. */
  attempt: number;
  /** Fires on cancellation, at the attempt's time limit and when the grace of a stop is over; hand it to every slow call. */
  signal: AbortSignal;
  log: Logger;
  /** Shows in heartbeats and in `mcp:tasks:active:<id>`; `fraction` from 0 to 1. */
  progress(fraction: number, note?: string): void;
  /**
   * An effect that must not happen twice however often the task is delivered: runs `effect` and records its result in
   * one transaction, or returns the result that an earlier attempt of this task recorded under `key`.
   *
   * Only what `effect` does through `tx` is undone when it throws.
   */
  once<T extends object>(key: string, effect: (tx: PoolClient) => Promise<T>): Promise<T>;
}

export interface ActionDefinition<D, I extends z.ZodObject, O extends z.ZodType> {
  /** Snake case. */
  name: string;
  description: string;
  /** `z.strictObject`, every field described. */
  input: I;
  output: O;
  /**
   * @throws {UserFault} for input that no schema can refuse: the task fails for good with the message
   * @throws {PermanentError} when no repetition can help; anything else is tried again by the type's policy
   */
  handler(input: z.output<I>, ctx: ActionContext<D>): Promise<z.input<O>>;
}

/** Any action that works with dependencies `D`. */
export type Action<D> = ActionDefinition<D, any, any>;

/** Ties a handler's types to its schemas: `defineAction<Deps>()({ name: "compile_solidity", … })`. */
export const defineAction =
  <D>() =>
  <I extends z.ZodObject, O extends z.ZodType>(action: ActionDefinition<D, I, O>): ActionDefinition<D, I, O> =>
    action;
