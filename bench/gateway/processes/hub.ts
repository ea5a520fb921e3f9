/** The hub's gateway and what the edge asks it, with access control, audit and breakers on; the registry is given by messages. */
import { openSync } from "node:fs";
import pino from "pino";
import { serverKey, type Registration } from "../../../contract/registry.ts";
import { createHttpApp } from "../../../services/kit/http.ts";
import { createLogger } from "../../../services/kit/log.ts";
import { createMetrics } from "../../../services/kit/metrics.ts";
import { tokenChecker } from "../../../services/kit/tokens.ts";
import { mountEdge } from "../../../services/hub/api/edge-routes.ts";
import { mountGateway } from "../../../services/hub/gateway/gateway.ts";
import { ServiceRegistry } from "../../../services/hub/registry/registry.ts";
import { RoundRobin } from "../../../services/hub/registry/round-robin.ts";
import { rigCredentials, TOKEN_PUBLIC_KEY } from "../../../services/hub/gateway/testing/gateway-rig.ts";
import { MemoryCalls } from "../../../services/hub/gateway/testing/memory-calls.ts";
import { answering, listen } from "./child.ts";
import { Profiler } from "./profiler.ts";

/** What the parent says: servers as name → port; all that are not named are gone. */
interface Registered { servers: Record<string, number> }
/** With `--profile`: begin, or end and write it. */
interface Profiled { profile: "start" | { to: string } }

const profiler = process.argv.includes("--profile") ? new Profiler() : null;

// The audit log is written as in a container: a line a call, synchronously; where to is the only difference.
const log = createLogger("hub", "info", pino.destination({ fd: openSync("/dev/null", "w"), sync: true }));
const metrics = createMetrics("hub");
const checkToken = tokenChecker(TOKEN_PUBLIC_KEY, "hub");
const app = createHttpApp({ log, metrics, checkToken, missing: () => [] });
const registry = new ServiceRegistry();
const gateway = mountGateway(app, {
  registry, metrics, log, credentials: rigCredentials(), sealSecret: "a benchmark", ledger: new MemoryCalls(), hubs: 1, callsPerMinute: 60_000, longCalls: 100,
  limits: { timeoutMs: 60_000, responseBytes: 4 * 1024 * 1024 }, ownHosts: ["mcp-coordinator"], outsideHosts: [],
});
mountEdge(app, { checkToken, registry, replicas: new RoundRobin(registry), credentials: rigCredentials() });

const entry = (port: number): string => JSON.stringify({
  host: "127.0.0.1", port, status: "healthy", capabilities: [], current_task: null, version: "0", started_at: "2026-01-01T00:00:00Z",
} satisfies Registration);
answering(await listen(app), async (message) => {
  if (profiler && "profile" in message) {
    const { profile } = message as Profiled;
    await (profile === "start" ? profiler.start() : profiler.stop(profile.to));
  }
  if ("servers" in message) {
    const { servers } = message as Registered;
    registry.replaceAll(Object.entries(servers).map(([name, port]) => ({ key: serverKey("utils", name, 1), value: entry(port) })));
  }
  return gateway.tools;
});
