/** The four runs, and what they must have in common. */
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { parse } from "yaml";
import { createHttpApp } from "../../services/kit/http.ts";
import { createMetrics } from "../../services/kit/metrics.ts";
import { silentLog } from "../../services/kit/testing.ts";
import { serverKey, type Registration } from "../../contract/registry.ts";
import { mountGateway } from "../../services/hub/gateway/gateway.ts";
import { eventually, rigCredentials } from "../../services/hub/gateway/testing/gateway-rig.ts";
import { MemoryCalls } from "../../services/hub/gateway/testing/memory-calls.ts";
import { ServiceRegistry } from "../../services/hub/registry/registry.ts";
import { anybody, startFixture, TOOLS } from "./fixture/server.ts";
import { runSuite, type Revision, type Verdict } from "./suite.ts";

export const WAYS = ["direct", "gateway"] as const;
export type Way = (typeof WAYS)[number];
export interface Run { revision: Revision; way: Way; verdict: Verdict }

export async function runAll(revisions: readonly Revision[], ways: readonly Way[], onRun: (run: Run) => void): Promise<Run[]> {
  const fixture = await startFixture();
  const gateway = await startGateway(fixture.port);
  const runs: Run[] = [];
  try {
    for (const revision of revisions) {
      for (const way of ways) {
        const run = { revision, way, verdict: await runSuite(`http://127.0.0.1:${way === "direct" ? fixture.port : gateway.port}/mcp`, revision) };
        onRun(run);
        runs.push(run);
      }
    }
  } finally {
    await gateway.close();
    await fixture.close();
  }
  return runs;
}

async function startGateway(fixturePort: number): Promise<{ port: number; close(): Promise<void> }> {
  const metrics = createMetrics("hub");
  const app = createHttpApp({ log: silentLog, metrics, checkToken: anybody, missing: () => [] });
  const registry = new ServiceRegistry();
  const gateway = mountGateway(app, {
    registry, metrics, log: silentLog, naming: () => "", credentials: rigCredentials(), sealSecret: "of the suite", ledger: new MemoryCalls(), hubs: 1, callsPerMinute: 1_000_000, longCalls: 100,
    limits: { timeoutMs: 30_000, responseBytes: 4 * 1024 * 1024 }, ownHosts: [], outsideHosts: [],
  });
  const entry: Registration = { host: "127.0.0.1", port: fixturePort, status: "healthy", capabilities: [], current_task: null, version: "0", started_at: new Date().toISOString() };
  registry.put(serverKey("utils", "fixture", 1), JSON.stringify(entry));
  await app.listen({ host: "127.0.0.1", port: 0 });
  await eventually(() => gateway.tools === TOOLS.length && gateway.catalogue.resource("test://static-text") !== null, Boolean);
  return {
    port: (app.server.address() as AddressInfo).port,
    async close() {
      await gateway.close();
      app.server.closeAllConnections();
      await app.close();
    },
  };
}

/**
 * Why a run is not good: what fails and is not expected to, what is expected to and does not, what passes directly and not through the gateway.
 *
 * @param expected by revision: `scenario:check`, or a whole `scenario`
 */
export function compared(runs: readonly Run[], expected: Readonly<Record<string, readonly string[]>> = expectedFailures()): string[] {
  const covers = (entry: string, id: string): boolean => entry === id || id.startsWith(`${entry}:`);
  return runs.flatMap(({ revision, way, verdict: { failed, passed } }) => {
    const known = expected[revision] ?? [];
    const direct = runs.find((run) => run.revision === revision && run.way === "direct")?.verdict.passed ?? [];
    return [
      ...failed.filter((id) => !known.some((entry) => covers(entry, id))).map((id) => `${revision} ${way}: ${id} fails`),
      ...known.filter((entry) => !failed.some((id) => covers(entry, id))).map((entry) => `${revision} ${way}: ${entry} passes; take it out of expected-failures.yaml`),
      ...direct.filter((id) => !passed.includes(id) && !failed.includes(id)).map((id) => `${revision} ${way}: ${id} was checked directly and not here`),
    ];
  });
}

/** Entries by revision, each with its reason beside it. */
function expectedFailures(): Record<string, string[]> {
  const entries = (parse(readFileSync(new URL("expected-failures.yaml", import.meta.url), "utf8")) ?? {}) as Record<string, Record<string, string>>;
  return Object.fromEntries(Object.entries(entries).map(([revision, failures]) => [revision, Object.keys(failures ?? {})]));
}
