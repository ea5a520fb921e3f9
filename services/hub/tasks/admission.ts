/** Whether a task is taken at all: known type, known action, an input that fits. */
import type { TaskRequest } from "../../../contract/tasks.ts";
import type { KnownType } from "../actions/catalogs.ts";
import { HttpProblem } from "../../kit/problem.ts";
import type { Submission } from "./submit.ts";
import { newTaskId } from "./task-id.ts";
import { urgencyOf } from "./task-row.ts";

/** A type whose last agent left longer ago is not deployed. */
export const DEPLOYED_WITHIN_MS = 5 * 60_000;

export interface AdmissionContext {
  caller: string;
  traceParent: string | null;
  find(type: string): KnownType | null;
  /** Types with an agent now, for the message. */
  deployed(): string[];
  nowMs: number;
}

/** @throws {HttpProblem} 422, naming the field by its JSON pointer and what is allowed there */
export function admit(request: TaskRequest, { caller, traceParent, find, deployed, nowMs }: AdmissionContext): Submission {
  const { type, action, input } = request;
  const known = find(type);
  const choice = (names: string[]): string => (names.length > 0 ? `one of ${names.join(", ")}` : "none, as no agent runs");
  if (!known) {
    throw new HttpProblem(422, `There is no agent type ${type}.`, [{ path: "/type", message: `unknown; deployed is ${choice(deployed())}` }]);
  }
  if (nowMs - known.lastSeenAt > DEPLOYED_WITHIN_MS) {
    throw new HttpProblem(422, `Agent type ${type} is not deployed.`, [{ path: "/type", message: `not deployed; deployed is ${choice(deployed())}` }]);
  }
  const check = known.checks.get(action);
  if (!check) {
    throw new HttpProblem(422, `Agent type ${type} has no action ${action}.`, [{ path: "/action", message: `must be ${choice([...known.checks.keys()])}` }]);
  }
  const errors = check(input);
  if (errors.length > 0) throw new HttpProblem(422, `The input does not fit ${type}'s ${action}; its schema is in GET /api/v1/actions.`, errors);
  if (request.deadline !== undefined && Date.parse(request.deadline) <= nowMs) {
    throw new HttpProblem(422, "The deadline has passed already.", [{ path: "/deadline", message: "must lie in the future" }]);
  }
  const { policy } = known.catalog;
  return {
    id: newTaskId(),
    type,
    action,
    input,
    urgency: urgencyOf(request.priority),
    caller,
    idempotencyKey: request.idempotencyKey ?? null,
    maxAttempts: request.maxAttempts ?? policy.maxAttempts,
    deadline: request.deadline ?? null,
    traceParent,
    policy,
  };
}
