/** `GET /actions`: what the hub checks inputs against and paces its dispatch by. */
import { z } from "zod";
import { TaskPolicy, type ActionCatalog } from "../../../contract/tasks.ts";
import type { Action } from "../action.ts";
import { ConfigError } from "../config.ts";
import { describeIssues } from "../tool-call.ts";

type JsonSchema = Record<string, unknown>;

export function actionCatalog(options: { type: string; agentId: string; concurrency: number; policy: TaskPolicy; actions: Iterable<Action<any>> }): ActionCatalog {
  const { actions, ...rest } = options;
  const described = [...actions].map((action) => ({
    name: action.name,
    description: action.description,
    input: z.toJSONSchema(action.input, { io: "input" }) as JsonSchema,
    output: z.toJSONSchema(action.output, { io: "output" }) as JsonSchema,
  }));
  return { ...rest, actions: described.sort((a, b) => (a.name < b.name ? -1 : 1)) };
}

/** @throws {ConfigError} when `AGENT_POLICY` is not a task policy */
export function parsePolicy(json: string): TaskPolicy {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new ConfigError(["AGENT_POLICY: not JSON"]);
  }
  const parsed = TaskPolicy.safeParse(value);
  if (!parsed.success) throw new ConfigError([`AGENT_POLICY: ${describeIssues(parsed.error)}`]);
  return parsed.data;
}
