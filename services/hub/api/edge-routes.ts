/** What the edge asks the hub: whether a request may pass, and which replica it goes to. */
import type { FastifyReply, FastifyRequest } from "fastify";
import { SERVER_CATEGORIES, type ServerCategory } from "../../../contract/services.ts";
import type { HttpApp } from "../../kit/http.ts";
import { HttpProblem, problem, PROBLEM_JSON } from "../../kit/problem.ts";
import type { CheckToken } from "../../kit/tokens.ts";
import type { Credentials } from "../gateway/access/delegation.ts";
import type { ServiceRegistry } from "../registry/registry.ts";
import type { RoundRobin } from "../registry/round-robin.ts";
import { mayPassEdge, serverOf } from "./roles.ts";

export interface EdgeRoutes {
  checkToken: CheckToken;
  registry: ServiceRegistry;
  replicas: RoundRobin;
  /** Shown to the backend in the stead of the caller's token. */
  credentials: Credentials;
}

export function mountEdge(app: HttpApp, { checkToken, registry, replicas, credentials }: EdgeRoutes): void {
  // Public as far as the app's own check goes: this route exists to say yes or no to the token.
  app.get("/internal/authorize", { config: { public: true } }, (request, reply) => {
    const check = checkToken(request.headers.authorization);
    if (!check.ok) return refuse(reply, check.status, check.detail);
    const path = header(request, "x-original-uri").split("?")[0]!;
    if (!mayPassEdge(check.claims, header(request, "x-original-method"), path)) {
      return refuse(reply, 403, `${check.claims.sub} has the role ${check.claims.role}, which may not do this.`);
    }
    const target = serverOf(path);
    const replica = target && isCategory(target.category) ? replicas.next(target.category, target.server) : null;
    // Without one the edge asks the hub, which then says what there is.
    if (replica) {
      reply.header("x-upstream", `${replica.host}:${replica.port}`);
      // The caller's token ends here: a backend sees who calls, never a credential that it could use elsewhere.
      reply.header("x-backend-authorization", credentials(check.claims, replica.server));
    }
    return reply.code(200).send({ caller: check.claims.sub, role: check.claims.role });
  });

  app.all<{ Params: { category: string; server: string } }>("/servers/:category/:server/mcp", (request) => {
    const { category, server } = request.params;
    const there = [...new Set(registry.servers().map((entry) => `${entry.category}/${entry.server}`))];
    throw new HttpProblem(404, `No server ${category}/${server} is registered. There are: ${there.join(", ") || "none"}.`);
  });
}

const header = (request: FastifyRequest, name: string): string => String(request.headers[name] ?? "");
const isCategory = (text: string): text is ServerCategory => Object.hasOwn(SERVER_CATEGORIES, text);

function refuse(reply: FastifyReply, status: 401 | 403, detail: string): FastifyReply {
  if (status === 401) reply.header("www-authenticate", 'Bearer realm="mcp"');
  return reply.code(status).type(PROBLEM_JSON).send(problem(status, detail));
}
