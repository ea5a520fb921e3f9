/** The aggregated MCP endpoint of the hub: `POST /mcp`, both protocol eras. */
import { isJsonContentType } from "@modelcontextprotocol/server";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Registry } from "prom-client";
import type { HttpApp } from "../../kit/http.ts";
import type { Logger } from "../../kit/log.ts";
import { HttpProblem } from "../../kit/problem.ts";
import type { ServiceRegistry } from "../registry/registry.ts";
import { createAudit } from "./access/audit.ts";
import { CallerAccount } from "./access/caller-account.ts";
import type { Credentials } from "./access/delegation.ts";
import { refuseHosts } from "./access/hosts.ts";
import { RateLimit, shareOf } from "./access/rate-limit.ts";
import { challenge, METADATA_PATH, resourceMetadata } from "./access/resource-metadata.ts";
import { StateSeal } from "./access/state-seal.ts";
import { Fleet } from "./backends/fleet.ts";
import { Catalogue } from "./catalogue/catalogue.ts";
import { prefixed, type Naming } from "./catalogue/naming.ts";
import { Subscriptions } from "./listen/subscriptions.ts";
import { createGatewayMetrics } from "./metrics.ts";
import { Upstreams } from "./listen/upstreams.ts";
import { Methods } from "./methods.ts";
import { readInbound } from "./protocol/inbound.ts";
import { errorText, INTERNAL_ERROR, INVALID_REQUEST } from "./protocol/refusal.ts";
import { answer, send, type RelayLimits } from "./relay/relay.ts";
import type { CallLedger } from "./tasks/call-ledger.ts";
import { Calls } from "./tasks/calls.ts";

export interface GatewayOptions {
  registry: ServiceRegistry;
  /** What servers see instead of the caller's token. */
  credentials: Credentials;
  /** Seals what goes through clients' hands; the same in every hub of the stack. Secret. */
  sealSecret: string;
  /** Hubs that share the callers' limits. */
  hubs: number;
  /** Of a token that names no limit of its own. */
  callsPerMinute: number;
  /** Of one caller under way, all hubs together. */
  longCalls: number;
  limits: RelayLimits;
  /** Where long calls are kept. */
  ledger: CallLedger;
  /** The hub's own names. */
  ownHosts: readonly string[];
  /** Names under which the stack is reached from outside; empty when the deployment has not said. */
  outsideHosts: readonly string[];
  naming?: Naming;
  metrics: Registry;
  log: Logger;
}

export interface Gateway {
  /** Tools on offer now. */
  readonly tools: number;
  readonly catalogue: Catalogue;
  readonly fleet: Fleet;
  readonly subscriptions: Subscriptions;
  readonly calls: Calls;
  close(): Promise<void>;
}

const BODY_LIMIT = 4 * 1024 * 1024;

export function mountGateway(app: HttpApp, options: GatewayOptions): Gateway {
  const { registry, credentials, log } = options;
  const subscriptions = new Subscriptions(() => upstreams.update());
  const fleet = new Fleet({ registry, credentials, log, onChange: (server) => {
    catalogue.serverChanged(server);
    upstreams.update();
  } });
  const catalogue: Catalogue = new Catalogue({
    fleet, credentials, naming: options.naming ?? prefixed, log,
    onChange: (kinds) => subscriptions.listsChanged(kinds), onRead: () => upstreams.update(),
  });
  const upstreams: Upstreams = new Upstreams({ fleet, catalogue, subscriptions, credentials, log });
  for (const server of fleet.servers) catalogue.serverChanged(server);
  const calls = new Calls({ ledger: options.ledger, fleet, credentials, perCaller: Math.floor(shareOf(options.longCalls, options.hubs)), timeoutMs: options.limits.timeoutMs, log });
  const methods = new Methods({
    fleet, catalogue, subscriptions, credentials, calls,
    seal: new StateSeal(options.sealSecret),
    account: new CallerAccount(createAudit(log, options.metrics), new RateLimit(options.hubs), options.callsPerMinute),
    limits: options.limits,
  });

  // A scope of its own: bodies stay text, so that malformed JSON gets the protocol's error and not a problem document.
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", { parseAs: "string", bodyLimit: BODY_LIMIT }, (_request, body, done) => done(null, body));
    scope.post("/mcp", { bodyLimit: BODY_LIMIT, config: { challenge } }, serve);
    scope.route({ method: ["GET", "DELETE"], url: "/mcp", config: { challenge }, handler: (_request, reply) => {
      // Sessions and their streams are of older revisions, and optional there.
      reply.header("allow", "POST");
      throw new HttpProblem(405, "This endpoint takes POST alone: it keeps no sessions.");
    } });
  });
  for (const path of [METADATA_PATH, `${METADATA_PATH}/mcp`]) app.get(path, { config: { public: true } }, (request) => resourceMetadata(request));

  function serve(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const refused = refuseHosts(request.headers, options.ownHosts, options.outsideHosts);
    if (refused !== null) throw new HttpProblem(403, refused);
    reply.hijack();
    const response = reply.raw;
    if (!isJsonContentType(request.headers["content-type"])) {
      send(response, errorText(null, { code: INVALID_REQUEST, message: "Unsupported Media Type: Content-Type must be application/json" }), 415);
      return reply;
    }
    const inbound = readInbound(typeof request.body === "string" ? request.body : "", request.headers as Record<string, string>);
    if (inbound.kind === "refused") send(response, errorText(inbound.id, inbound.refusal), inbound.refusal.status);
    else if (inbound.kind === "notification") response.writeHead(202).end();
    else {
      const exchange = { request: inbound, caller: request.caller!, headers: request.headers, response, search: request.url.endsWith("?tools=search") };
      methods.serve(exchange).catch((error: unknown) => {
        log.error({ err: error, method: inbound.method.slice(0, 100) }, "the gateway failed");
        answer(response, { jsonrpc: "2.0", id: inbound.id, error: { code: INTERNAL_ERROR, message: "Internal error of the gateway; its log has it." } }, 500);
      });
    }
    return reply;
  }

  const gateway: Gateway = {
    get tools() { return catalogue.tools.size; },
    catalogue, fleet, subscriptions, calls,
    async close() {
      await calls.close();
      catalogue.close();
      upstreams.close();
      subscriptions.close();
      await fleet.close();
    },
  };
  createGatewayMetrics(options.metrics, gateway);
  return gateway;
}
