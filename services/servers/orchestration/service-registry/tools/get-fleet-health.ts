import { z } from "zod";
import { defineTool } from "../../../../kit/tool.ts";
import type { Deps } from "../deps.ts";
import { instanceOf, nameOf } from "../registry.ts";

export const getFleetHealth = defineTool<Deps>()({
  name: "get_fleet_health",
  title: "Health of the fleet",
  description: "Asks every registered service at the same time whether it is ready, and tells which are not, what they lack and since when. Services that have left the registry are not in it: watch_changes tells of them.",
  input: z.strictObject({
    timeoutMs: z.int().min(100).max(10_000).default(2_000).describe("Time each service has to answer, in milliseconds."),
    includeHealthy: z.boolean().default(false).describe("Lists the healthy ones too."),
  }),
  output: z.object({
    healthy: z.boolean().describe("All are healthy, and there is at least one."),
    checked: z.int().describe("Services asked."),
    healthyCount: z.int().describe("Of those, healthy."),
    checkedAt: z.string().describe("Time of the check, ISO 8601."),
    services: z.array(z.object({
      service: z.string().describe("Name and instance, as in code-indexer-1."),
      kind: z.enum(["server", "agent"]).describe("MCP server or task agent."),
      healthy: z.boolean().describe("Ready, and calls itself neither degraded nor draining."),
      status: z.string().describe("Status in the registry."),
      missing: z.array(z.string()).describe("What it lacks, in its own words, or why it could not be asked."),
      unhealthySince: z.string().nullable().describe("First seen unhealthy, to the minute, ISO 8601; this server's memory begins at its own start."),
      latencyMs: z.int().describe("Time its answer took."),
    })).describe("Unhealthy ones first; healthy ones only when asked for."),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  async handler({ timeoutMs, includeHealthy }, { deps }) {
    const { entries } = await deps.registry.now();
    const checked = await deps.health.check(entries, timeoutMs);
    const shown = checked.filter(({ healthy }) => includeHealthy || !healthy).sort((a, b) => Number(a.healthy) - Number(b.healthy));
    const healthyCount = checked.filter(({ healthy }) => healthy).length;
    return {
      healthy: checked.length > 0 && healthyCount === checked.length,
      checked: checked.length,
      healthyCount,
      checkedAt: new Date().toISOString(),
      services: shown.map(({ entry, healthy, missing, unhealthySince, latencyMs }) => ({
        service: `${nameOf(entry)}-${instanceOf(entry)}`, kind: entry.kind, healthy, status: entry.status, missing, unhealthySince, latencyMs,
      })),
    };
  },
});
