/** `/api/v1/retention`. */
import type { Pool } from "pg";
import { RetentionRequest, type RetentionAnswer } from "../../../contract/tasks.ts";
import type { HttpApp } from "../../kit/http.ts";
import { HttpProblem } from "../../kit/problem.ts";
import { applyRetention } from "../tasks/retention.ts";
import { unlimited } from "../../../contract/access.ts";

/** The one service that may delete tasks. */
const JANITOR = "agent:admin";

/** @param pool throws while the hub is starting */
export function mountRetention(app: HttpApp, pool: () => Pool): void {
  app.post("/api/v1/retention", (request): Promise<RetentionAnswer> => {
    const caller = request.caller!;
    if ((caller.role !== "admin" && caller.sub !== JANITOR) || !unlimited(caller)) {
      throw new HttpProblem(403, `${caller.sub} has the role ${caller.role}; only an admin, or the admin agent, deletes tasks. Submit admin.apply_retention instead.`);
    }
    return applyRetention(pool(), RetentionRequest.parse(request.body));
  });
}
