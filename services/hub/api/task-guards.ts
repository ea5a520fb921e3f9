/** What every route that changes tasks asks first, and how it explains a refusal. */
import type { FastifyRequest } from "fastify";
import type { TokenClaims } from "../../../contract/access.ts";
import type { TaskRequest } from "../../../contract/tasks.ts";
import { Unavailable } from "../../kit/errors.ts";
import { traceIdOf } from "../../kit/log.ts";
import { HttpProblem } from "../../kit/problem.ts";
import type { Catalogs } from "../actions/catalogs.ts";
import { isAway, isDataError } from "../database/errors.ts";
import { admit } from "../tasks/admission.ts";
import type { Submission } from "../tasks/submit.ts";
import { mayChangeTask } from "./roles.ts";

export const UNSTORABLE = "The request holds text that cannot be stored, such as a NUL character, or is nested too deeply.";

/** @throws {HttpProblem} 403 when the caller's role may not submit, cancel or replay the action */
export function allow(request: FastifyRequest, action: string): TokenClaims {
  const caller = request.caller!;
  if (!mayChangeTask(caller, action)) {
    const may = caller.role === "operator" ? "submits, cancels and replays only the action echo" : "may look at tasks and not change them";
    throw new HttpProblem(403, `${caller.sub} has the role ${caller.role}, which ${may}.`);
  }
  return caller;
}

/** What admits the tasks of one request. @throws {HttpProblem} 403 or 422 */
export function admitter(request: FastifyRequest, catalogs: Catalogs): (task: TaskRequest) => Submission {
  const traceParent = request.headers["traceparent"];
  const context = {
    traceParent: traceIdOf(traceParent) === undefined ? null : (traceParent as string),
    find: (type: string) => catalogs.get(type),
    deployed: () => catalogs.deployed().map(({ catalog }) => catalog.type),
    nowMs: Date.now(),
  };
  return (task) => admit(task, { ...context, caller: allow(request, task.action).sub });
}

/** For a promise's rejection: what the caller can do about an error of the database. */
export function explain(error: unknown): never {
  // JSON can say what PostgreSQL cannot store.
  if (isDataError(error)) throw new HttpProblem(422, UNSTORABLE);
  if (isAway(error)) throw new Unavailable("The database is away; try again in a few seconds. GET /readyz says when it is back.", { cause: error });
  throw error;
}
