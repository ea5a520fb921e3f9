/** The hub's figures for Prometheus. What stands in the database is asked for when it is scraped. */
import { Counter, Gauge, type Registry } from "prom-client";
import type { Pool } from "pg";
import { durationHistogram } from "../kit/metrics.ts";
import type { Dispatched } from "./dispatch/dispatch-queries.ts";
import type { LiveQueue, QueueReader } from "./queues/queue-reader.ts";
import type { TaskChange } from "./tasks/task-change.ts";

const OUTBOX = `select count(*)::integer as rows, coalesce(extract(epoch from now() - min(created_at))::float8, 0) as oldest from fabric.outbox`;

export interface HubMetrics {
  taskChanged(change: TaskChange): void;
  dispatched(dispatched: readonly Dispatched[], cycleSeconds: number): void;
  completed(type: string, seconds: number): void;
}

export interface HubMetricsSources {
  /** Null while the hub is starting. */
  pool(): Pool | null;
  queues: Pick<QueueReader, "live">;
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
      const queues = await live();
      this.reset();
      for (const { type, pending, active } of queues) {
        this.set({ type, state: "pending" }, pending);
        this.set({ type, state: "active" }, active);
      }
    },
  });
  new Gauge({
    name: "mcp_hub_queue_oldest_seconds", help: "Queue latency: how long the longest waiting task of a type could have been worked on.", labelNames: ["type"], registers,
    async collect() {
      const queues = await live();
      this.reset();
      for (const { type, oldestSeconds } of queues) this.set({ type }, oldestSeconds);
    },
  });
  // Metrics are collected side by side: one that another one sets would show the scrape before.
  const outbox = shared(() => rowsOf<{ rows: number; oldest: number }>(OUTBOX));
  new Gauge({
    name: "mcp_hub_outbox_messages", help: "Messages that the broker has not confirmed.", registers,
    async collect() { this.set((await outbox())[0]?.rows ?? 0); },
  });
  new Gauge({
    name: "mcp_hub_outbox_oldest_seconds", help: "Age of the oldest message that the broker has not confirmed.", registers,
    async collect() { this.set((await outbox())[0]?.oldest ?? 0); },
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
  async function live(): Promise<LiveQueue[]> {
    return sources.queues.live().catch(() => []);
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

/** One answer for all who ask while it is on its way. */
function shared<T>(read: () => Promise<T>): () => Promise<T> {
  let reading: Promise<T> | null = null;
  return () => (reading ??= read().finally(() => { reading = null; }));
}
