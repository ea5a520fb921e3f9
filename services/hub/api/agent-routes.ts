/** `/api/v1/agents`. */
import type { DrainReceipt } from "../../../contract/tasks.ts";
import type { HttpApp } from "../../kit/http.ts";
import { HttpProblem } from "../../kit/problem.ts";
import type { Control } from "../agents/control.ts";
import { idOf, type ServiceRegistry } from "../registry/registry.ts";
import { mayDrain } from "./roles.ts";

/** @param control throws while the hub is starting */
export function mountAgents(app: HttpApp, registry: ServiceRegistry, control: () => Control): void {
  app.post<{ Params: { id: string } }>("/api/v1/agents/:id/drain", async (request, reply): Promise<DrainReceipt> => {
    const caller = request.caller!;
    if (!mayDrain(caller)) throw new HttpProblem(403, `${caller.sub} has the role ${caller.role}; only an admin or operator takes agents out of service.`);
    const { id } = request.params;
    const agents = registry.agents();
    const agent = agents.find((entry) => idOf(entry) === id);
    if (!agent) throw new HttpProblem(404, `No agent ${id.slice(0, 64)} is registered. There are: ${agents.map(idOf).join(", ") || "none"}.`);
    await control().drain(id);
    reply.code(202);
    return { id, status: agent.status, currentTask: agent.current_task };
  });
}
