/** `/api/v1/tasks`. */
import type { FastifyRequest } from "fastify";
import type { Pool } from "pg";
import type { TokenClaims } from "../../../contract/access.ts";
import { FINAL_STATES, TaskFilter, TaskRequest, type Task, type TaskPage, type TaskReceipt } from "../../../contract/tasks.ts";
import type { HttpApp } from "../../kit/http.ts";
import { Unavailable } from "../../kit/errors.ts";
import { traceIdOf } from "../../kit/log.ts";
import { HttpProblem } from "../../kit/problem.ts";
import type { Catalogs } from "../actions/catalogs.ts";
import { isAway, isDataError } from "../database/errors.ts";
import type { RedisMirror } from "../mirror/redis-mirror.ts";
import { admit } from "../tasks/admission.ts";
import type { TaskFabric } from "../tasks/fabric.ts";
import { listTasks } from "../tasks/read.ts";
import { decodeCursor, isTaskId } from "../tasks/task-id.ts";
import { mayChangeTask } from "./roles.ts";

export interface TaskDeps {
  pool: Pool;
  fabric: TaskFabric;
  mirror: RedisMirror;
}

const DEFAULT_PAGE = 50;

/** @param deps throws while the hub is starting */
export function mountTasks(app: HttpApp, catalogs: Catalogs, deps: () => TaskDeps): void {
  app.post("/api/v1/tasks", async (request, reply): Promise<TaskReceipt> => {
    const body = TaskRequest.parse(request.body);
    const caller = allow(request, body.action);
    const traceParent = request.headers["traceparent"];
    const submission = admit(body, {
      caller: caller.sub,
      traceParent: traceIdOf(traceParent) === undefined ? null : (traceParent as string),
      find: (type) => catalogs.get(type),
      deployed: () => catalogs.deployed().map(({ catalog }) => catalog.type),
      nowMs: Date.now(),
    });
    const { id, state, created } = await deps().fabric.submit(submission).catch(explain);
    reply.code(created ? 202 : 200).header("location", `/api/v1/tasks/${id}`);
    return { id, state };
  });

  app.get<{ Params: { id: string } }>("/api/v1/tasks/:id", (request): Promise<Task> => find(request.params.id));

  app.get("/api/v1/tasks", async (request): Promise<TaskPage> => {
    const { state, type, cursor, limit } = TaskFilter.parse(request.query);
    const before = cursor === undefined ? undefined : decodeCursor(cursor);
    if (before === null) throw new HttpProblem(422, "The cursor is not one of ours.", [{ path: "/cursor", message: "take nextCursor of the page before" }]);
    return listTasks(deps().pool, { state, type, before, limit: limit ?? DEFAULT_PAGE }).catch(explain);
  });

  for (const [verb, kind] of [["cancel", "cancel-requested"], ["replay", "replayed"]] as const) {
    app.post<{ Params: { id: string } }>(`/api/v1/tasks/:id/${verb}`, async (request, reply): Promise<TaskReceipt> => {
      const task = await find(request.params.id, true);
      const caller = allow(request, task.action);
      const outcome = await deps().fabric.request(task.id, kind, caller.sub).catch(explain);
      if (!outcome) throw unknownTask(task.id);
      const { id, state, changed } = outcome;
      if (!changed && verb === "replay") throw new HttpProblem(409, `Task ${id} is ${state}; only a dead, failed or cancelled task can be replayed.`);
      if (!changed && FINAL_STATES.includes(state) && state !== "cancelled") throw new HttpProblem(409, `Task ${id} is ${state} already and cannot be cancelled.`);
      reply.code(202);
      return { id, state };
    });
  }

  async function find(id: string, fresh = false): Promise<Task> {
    if (!isTaskId(id)) throw unknownTask(id);
    const { fabric, mirror } = deps();
    const task = (fresh ? null : await mirror.cached(id)) ?? (await fabric.get(id).catch(explain));
    if (!task) throw unknownTask(id);
    return task;
  }
}

const unknownTask = (id: string): HttpProblem => new HttpProblem(404, `There is no task ${id.slice(0, 64)}.`);

function allow(request: FastifyRequest, action: string): TokenClaims {
  const caller = request.caller!;
  if (!mayChangeTask(caller, action)) {
    const may = caller.role === "operator" ? "submits, cancels and replays only the action echo" : "may look at tasks and not change them";
    throw new HttpProblem(403, `${caller.sub} has the role ${caller.role}, which ${may}.`);
  }
  return caller;
}

/** For a promise's rejection: what the caller can do about an error of the database. */
function explain(error: unknown): never {
  // JSON can say what PostgreSQL cannot store.
  if (isDataError(error)) throw new HttpProblem(422, "The request holds text that cannot be stored, such as a NUL character, or is nested too deeply.");
  if (isAway(error)) throw new Unavailable("The database is away; try again in a few seconds. GET /readyz says when it is back.", { cause: error });
  throw error;
}
