/** The gateway's figures for Prometheus, read when they are asked for. */
import { Gauge, type Registry } from "prom-client";
import type { Gateway } from "./gateway.ts";

export function createGatewayMetrics(registry: Registry, { catalogue, fleet, subscriptions }: Gateway): void {
  const registers = [registry];
  new Gauge({
    name: "mcp_hub_gateway_catalogue_age_seconds", help: "Since a server last gave the lists that are served.", labelNames: ["server"], registers,
    collect() {
      this.reset();
      for (const { server, ageMs } of catalogue.status()) if (ageMs !== null) this.set({ server }, ageMs / 1000);
    },
  });
  new Gauge({
    name: "mcp_hub_gateway_refused_entries", help: "Tools, prompts and resources of a server that are not passed on.", labelNames: ["server"], registers,
    collect() {
      this.reset();
      for (const { server } of catalogue.refused) this.inc({ server });
    },
  });
  new Gauge({
    name: "mcp_hub_gateway_replica_up", help: "0 while a replica is left alone because it failed.", labelNames: ["server", "replica"], registers,
    collect() {
      this.reset();
      for (const server of fleet.servers) for (const { host, breaker } of fleet.of(server)) this.set({ server, replica: host }, breaker.closed ? 1 : 0);
    },
  });
  new Gauge({
    name: "mcp_hub_gateway_calls", help: "Calls under way, by server.", labelNames: ["server"], registers,
    collect() {
      this.reset();
      for (const server of fleet.servers) this.set({ server }, fleet.inFlight(server));
    },
  });
  new Gauge({ name: "mcp_hub_gateway_subscriptions", help: "Open subscription streams of clients.", registers, collect() { this.set(subscriptions.streams); } });
}
