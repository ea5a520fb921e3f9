/** `/api/v1/gateway`: what stands behind `/mcp`, and what of it is not passed on. */
import type { GatewayAnswer } from "../../../contract/gateway.ts";
import type { HttpApp } from "../../kit/http.ts";
import type { Gateway } from "../gateway/gateway.ts";
import type { ServiceRegistry } from "../registry/registry.ts";

export function mountGatewayStatus(app: HttpApp, gateway: Gateway, registry: ServiceRegistry): void {
  app.get("/api/v1/gateway", () => gatewayStatus(gateway, registry));
}

export function gatewayStatus({ catalogue, fleet }: Gateway, registry: ServiceRegistry): GatewayAnswer {
  const offers = new Map(catalogue.status().map((offer) => [offer.server, offer]));
  return {
    servers: fleet.servers.map((server) => {
      const { tools = 0, ageMs = null, failure = null } = offers.get(server) ?? {};
      return {
        server, tools, ageMs, failure,
        // Of two categories that claim a name the first has it.
        category: registry.replicas(null, server).map(({ category }) => category).sort()[0] ?? "",
        replicas: fleet.of(server).map(({ host, breaker, inFlight }) => ({ host, up: breaker.closed, calls: inFlight })),
      };
    }),
    refused: [...catalogue.refused],
    shadows: [...fleet.shadows],
  };
}
