/** `/api/v1/tasks:batch` and `/api/v1/tasks:replay`: many tasks in one call. */
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { BATCH_LIMIT, ReplayRequest, TaskRequest, type BatchAnswer, type BatchResult, type Problem, type ReplayAnswer } from "../../../contract/tasks.ts";
import type { HttpApp } from "../../kit/http.ts";
import { problem, problemOf } from "../../kit/problem.ts";
import type { Catalogs } from "../actions/catalogs.ts";
import type { TaskFabric } from "../tasks/fabric.ts";
import type { Submission, Submitted } from "../tasks/submit.ts";
import { changesOnlyProbes, PROBE_ACTION } from "./roles.ts";
import { admitter, allow, explain, UNSTORABLE } from "./task-guards.ts";

/** Of a batch: what the edge lets through unless `mcp:edge.maxBodyBytes` says otherwise. */
export const BATCH_BODY_LIMIT = 4 * 1024 * 1024;

interface Refusal { status: number; problem: Problem }

/** The entries are looked at one by one, so that a bad one refuses itself alone. */
const Batch = z.strictObject({ tasks: z.array(z.unknown()).min(1).max(BATCH_LIMIT) });

/** @param fabric throws while the hub is starting */
export function mountBulk(app: HttpApp, catalogs: Catalogs, fabric: () => TaskFabric): void {
  // A doubled colon is the router's way to write one that begins no parameter.
  app.post("/api/v1/tasks::batch", { bodyLimit: BATCH_BODY_LIMIT }, async (request): Promise<BatchAnswer> => {
    const { tasks } = Batch.parse(request.body);
    const admitted = admitAll(tasks, request, catalogs);
    const stored = await fabric().submitAll(admitted.filter(isSubmission)).catch(explain);
    let next = 0;
    return { results: admitted.map((one, index) => (isSubmission(one) ? resultOf(stored[next++]!, index) : one)) };
  });

  app.post("/api/v1/tasks::replay", async (request): Promise<ReplayAnswer> => {
    const { limit, dryRun, ...filter } = ReplayRequest.parse(request.body);
    const caller = allow(request, PROBE_ACTION);
    const action = changesOnlyProbes(caller) ? PROBE_ACTION : undefined;
    return fabric().replayAll({ ...filter, action }, { limit, dryRun, actor: caller.sub }).catch(explain);
  });
}

/** Pointers of its errors lead into the whole body, as everywhere. @throws {HttpProblem} 403 for a role that submits nothing at all */
function admitAll(tasks: readonly unknown[], request: FastifyRequest, catalogs: Catalogs): (Submission | Refusal)[] {
  allow(request, PROBE_ACTION);
  const admit = admitter(request, catalogs);
  return tasks.map((task, index) => {
    try {
      return admit(TaskRequest.parse(task));
    } catch (error) {
      const refusal = problemOf(error);
      if (!refusal) throw error;
      const errors = refusal.errors?.map(({ path, message }) => ({ path: `/tasks/${index}${path}`, message }));
      return { status: refusal.status, problem: { ...refusal, ...(errors ? { errors } : {}) } };
    }
  });
}

const isSubmission = (one: Submission | Refusal): one is Submission => !("problem" in one);

function resultOf(stored: Submitted | null, index: number): BatchResult {
  if (stored === null) return { status: 422, problem: problem(422, UNSTORABLE, [{ path: `/tasks/${index}`, message: "cannot be stored" }]) };
  const { id, state, created } = stored;
  return { status: created ? 202 : 200, id, state };
}
