/** The HTTP side of a service: probes, metrics, tokens, problem documents. */
import { randomUUID } from "node:crypto";
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import type { Registry } from "prom-client";
import type { TokenClaims } from "../../contract/access.ts";
import { traceIdOf, type Logger } from "./log.ts";
import { durationHistogram } from "./metrics.ts";
import { problem, problemOf, PROBLEM_JSON } from "./problem.ts";
import type { CheckToken } from "./tokens.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Whose token came with the request; null on public routes. */
    caller: TokenClaims | null;
  }
  interface FastifyContextConfig {
    /** Answered without a token. */
    public?: boolean;
    /** Value of `WWW-Authenticate` for a request without a good token, where it says more than the realm. */
    challenge?: (request: FastifyRequest) => string;
  }
}

export interface HttpOptions {
  log: Logger;
  metrics: Registry;
  checkToken: CheckToken;
  /** Names what the service still lacks; empty when it can work. */
  missing(): Promise<string[]> | string[];
  /** Largest body taken, in bytes; 4 MiB unless said otherwise. */
  bodyLimit?: number;
}

/** Fastify without its own type parameters for the logger, so that every service passes the same type around. */
export type HttpApp = FastifyInstance;

/**
 * An app with `GET /healthz`, `/readyz` and `/metrics`. Every other route wants `Authorization: Bearer <token>` unless
 * its `config` says `public: true`. Everything refused is a problem document.
 */
export function createHttpApp(options: HttpOptions): HttpApp {
  const { log, metrics } = options;
  const app: HttpApp = Fastify({
    logger: false,
    bodyLimit: options.bodyLimit ?? 4 * 1024 * 1024,
    forceCloseConnections: "idle",
    requestIdHeader: false,
    frameworkErrors: (error, _request, reply) => void sendProblem(reply, error, log),
  });
  app.decorateRequest("caller", null);
  // Callbacks and no promises: these hooks stand in the way of every request.
  app.addHook("onRequest", (request, reply, done) => {
    const { config } = request.routeOptions;
    if (config.public) return done();
    const check = options.checkToken(request.headers.authorization);
    if (check.ok) {
      request.caller = check.claims;
      return done();
    }
    if (check.status === 401) reply.header("www-authenticate", config.challenge?.(request) ?? 'Bearer realm="mcp"');
    reply.code(check.status).type(PROBLEM_JSON).send(problem(check.status, check.detail));
  });
  app.setErrorHandler((error, request, reply) => sendProblem(reply, error, log, request));
  app.setNotFoundHandler((request, reply) =>
    reply.code(404).type(PROBLEM_JSON).send(problem(404, `There is no ${request.method} ${request.url.split("?")[0]} here.`)));
  observe(app, metrics);
  const open = { config: { public: true } };
  app.get("/healthz", open, () => ({ status: "ok" }));
  app.get("/readyz", open, async (_request, reply) => {
    const missing = await options.missing();
    return reply.code(missing.length === 0 ? 200 : 503).send({ missing });
  });
  app.get("/metrics", open, async (_request, reply) => reply.type(metrics.contentType).send(await metrics.metrics()));
  return app;
}

function sendProblem(reply: FastifyReply, error: unknown, log: Logger, request?: FastifyRequest): FastifyReply {
  const known = problemOf(error);
  if (known) return reply.code(known.status).type(PROBLEM_JSON).send(known);
  const id = randomUUID();
  log.error(
    { err: error, errorId: id, method: request?.method, route: request?.routeOptions?.url, traceId: traceIdOf(request?.headers["traceparent"]) },
    "request failed",
  );
  return reply.code(500).type(PROBLEM_JSON).send(problem(500, `Internal error; the log has it under id ${id}.`));
}

/** Probes are left out: they would drown the rest. */
function observe(app: HttpApp, metrics: Registry): void {
  const seconds = durationHistogram(metrics, "http_request_duration_seconds", "Time to answer, by route.", ["method", "route", "status"]);
  app.addHook("onResponse", (request, reply, done) => {
    const { config, url: route = "none" } = request.routeOptions;
    if (!config?.public) seconds.observe({ method: request.method, route, status: String(reply.statusCode) }, reply.elapsedTime / 1000);
    done();
  });
}
