/** Readiness of the whole fleet, asked of each service itself. */
import type { ServiceEntry } from "../../../../contract/registry.ts";
import { messageOf } from "../../../kit/errors.ts";

export interface Probe {
  ready: boolean;
  /** What the service says it lacks, or why it could not be asked. */
  missing: string[];
  latencyMs: number;
}

/** @returns the service's own answer on `GET /readyz`; never throws */
export type ProbeService = (entry: Pick<ServiceEntry, "host" | "port">, timeoutMs: number) => Promise<Probe>;

export const probeOverHttp: ProbeService = async ({ host, port }, timeoutMs) => {
  const startedAt = performance.now();
  const latencyMs = (): number => Math.round(performance.now() - startedAt);
  try {
    const response = await fetch(`http://${host}:${port}/readyz`, { signal: AbortSignal.timeout(timeoutMs), redirect: "error" });
    const body = await response.json().catch(() => null) as { missing?: unknown } | null;
    const missing = Array.isArray(body?.missing) ? body.missing.map(String).slice(0, 20) : [];
    if (response.ok) return { ready: true, missing, latencyMs: latencyMs() };
    return { ready: false, missing: missing.length ? missing : [`HTTP ${response.status}`], latencyMs: latencyMs() };
  } catch (error) {
    const timedOut = (error as Error).name === "TimeoutError";
    const cause = (error as { cause?: { code?: string } }).cause?.code;
    return { ready: false, missing: [timedOut ? `no answer within ${timeoutMs} ms` : `unreachable (${cause ?? messageOf(error)})`], latencyMs: latencyMs() };
  }
};

export interface Health extends Probe {
  entry: ServiceEntry;
  /** Ready, and calls itself neither degraded nor draining. */
  healthy: boolean;
  /** First time it was found unhealthy since it was last found healthy; null while healthy. */
  unhealthySince: string | null;
}

/** Remembers since when each service has been unhealthy; a service that left the registry is forgotten. */
export class HealthBook {
  readonly #probe: ProbeService;
  readonly #since = new Map<string, number>();

  constructor(probe: ProbeService) {
    this.#probe = probe;
  }

  /** Probes all at the same time, so that a dead one costs its time limit once. */
  async check(entries: readonly ServiceEntry[], timeoutMs: number, now: () => number = Date.now): Promise<Health[]> {
    const keys = new Set(entries.map((entry) => entry.key));
    for (const key of this.#since.keys()) if (!keys.has(key)) this.#since.delete(key);
    return await Promise.all(entries.map(async (entry) => {
      const probe = await this.#probe(entry, timeoutMs);
      const healthy = probe.ready && entry.status !== "degraded" && entry.status !== "draining";
      if (healthy) this.#since.delete(entry.key);
      else if (!this.#since.has(entry.key)) this.#since.set(entry.key, now());
      const since = this.#since.get(entry.key);
      return { ...probe, entry, healthy, unhealthySince: since === undefined ? null : new Date(since).toISOString() };
    }));
  }
}
