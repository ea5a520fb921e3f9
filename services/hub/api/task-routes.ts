/** `/api/v1/tasks`. */
import type { Pool } from "pg";
import { FINAL_STATES, TaskFilter, TaskRequest, type Task, type TaskPage, type TaskReceipt } from "../../../contract/tasks.ts";
import type { HttpApp } from "../../kit/http.ts";
import { HttpProblem } from "../../kit/problem.ts";
import type { Catalogs } from "../actions/catalogs.ts";
import type { RedisMirror } from "../mirror/redis-mirror.ts";
import type { TaskFabric } from "../tasks/fabric.ts";
import { listTasks } from "../tasks/read.ts";
import { decodeCursor, isTaskId } from "../tasks/task-id.ts";
import { admitter, allow, explain } from "./task-guards.ts";

export interface TaskDeps {
  pool: Pool;
  fabric: TaskFabric;
  mirror: RedisMirror;
}

const DEFAULT_PAGE = 50;

/** @param deps throws while the hub is starting */
export function mountTasks(app: HttpApp, catalogs: Catalogs, deps: () => TaskDeps): void {
  app.post("/api/v1/tasks", async (request, reply): Promise<TaskReceipt> => {
    // First: a hub that is starting knows no type yet, and must not refuse for good what it will know in a second.
    const { fabric } = deps();
    const submission = admitter(request, catalogs)(TaskRequest.parse(request.body));
    const { id, state, created } = await fabric.submit(submission).catch(explain);
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
