/** The hub's figures for Prometheus. What stands in the database is asked for when it is scraped. */
import { Counter, Gauge, type Registry } from "prom-client";
import type { Pool } from "pg";
import { durationHistogram } from "../kit/metrics.ts";
import type { Dispatched } from "./dispatch/dispatch-queries.ts";
import type { TaskChange } from "./tasks/task-change.ts";

const LIVE = `select type, state, count(*)::integer as tasks,
    extract(epoch from now() - min(case when state = 'pending' then available_at end))::float8 as oldest
  from fabric.tasks where state in ('pending', 'active') group by type, state`;
const OUTBOX = `select count(*)::integer as rows, coalesce(extract(epoch from now() - min(created_at))::float8, 0) as oldest from fabric.outbox`;

export interface HubMetrics {
  taskChanged(change: TaskChange): void;
  dispatched(dispatched: Dispatched[], cycleSeconds: number): void;
  completed(type: string, seconds: number): void;
}

export interface HubMetricsSources {
  /** Null while the hub is starting. */
  pool(): Pool | null;
  /** Registered services by kind. */
  registered(): Record<"server" | "agent", number>;
  gatewayTools(): number;
  redisUp(): boolean;
}

export function createHubMetrics(registry: Registry, sources: HubMetricsSources): HubMetrics {
  const registers = [registry];
  new Gauge({
    name: "mcp_hub_tasks", help: "Tasks that are not finished, by type and state.", labelNames: ["type", "state"], registers,
    async collect() {
      this.reset();
      oldest.reset();
      for (const row of await rowsOf<{ type: string; state: string; tasks: number; oldest: number | null }>(LIVE)) {
        this.set({ type: row.type, state: row.state }, row.tasks);
        if (row.oldest !== null) oldest.set({ type: row.type }, Math.max(0, row.oldest));
      }
    },
  });
  const oldest = new Gauge({ name: "mcp_hub_queue_oldest_seconds", help: "Age of the oldest task that waits for dispatch, by type.", labelNames: ["type"], registers });
  const outboxOldest = new Gauge({ name: "mcp_hub_outbox_oldest_seconds", help: "Age of the oldest message that the broker has not confirmed.", registers });
  new Gauge({
    name: "mcp_hub_outbox_messages", help: "Messages that the broker has not confirmed.", registers,
    async collect() {
      const [row] = await rowsOf<{ rows: number; oldest: number }>(OUTBOX);
      this.set(row?.rows ?? 0);
      outboxOldest.set(row?.oldest ?? 0);
    },
  });
  const transitions = new Counter({ name: "mcp_hub_task_transitions_total", help: "Changes of tasks' states, by type and new state.", labelNames: ["type", "state"], registers });
  const wait = durationHistogram(registry, "mcp_hub_task_wait_seconds", "Time from when a task could be dispatched until it was.", ["type"]);
  const cycle = durationHistogram(registry, "mcp_hub_dispatch_cycle_seconds", "Time of one round of the dispatcher that dispatched something.", []);
  const attempt = durationHistogram(registry, "mcp_hub_attempt_seconds", "Time from dispatch until a successful result was stored.", ["type"]);
  gauge("mcp_hub_gateway_tools", "Tools on offer at the aggregated MCP endpoint.", () => sources.gatewayTools());
  gauge("mcp_hub_redis_up", "1 while Redis takes the hub's derived data; the hub works without.", () => (sources.redisUp() ? 1 : 0));
  new Gauge({
    name: "mcp_hub_registered_services", help: "Services in the registry, by kind.", labelNames: ["kind"], registers,
    collect() { for (const [kind, count] of Object.entries(sources.registered())) this.set({ kind }, count); },
  });

  function gauge(name: string, help: string, read: () => number): void {
    new Gauge({ name, help, registers, collect() { this.set(read()); } });
  }
  async function rowsOf<R extends object>(sql: string): Promise<R[]> {
    try {
      return (await sources.pool()?.query<R>(sql))?.rows ?? [];
    } catch {
      return []; // the scrape goes on: that PostgreSQL is away shows elsewhere
    }
  }

  return {
    taskChanged: ({ type, state }) => transitions.inc({ type, state }),
    dispatched(dispatched, cycleSeconds) {
      for (const { message, waitedMs } of dispatched) wait.observe({ type: message.type }, waitedMs / 1000);
      cycle.observe(cycleSeconds);
    },
    completed: (type, seconds) => attempt.observe({ type }, seconds),
  };
}
