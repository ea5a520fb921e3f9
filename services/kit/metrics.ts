/**
 * Metrics. prom-client's own default set is left out: its event-loop probe wakes an idle process a hundred times a
 * second, which thirty services would pay for day and night. What follows is read only when Prometheus asks.
 */
import { readdirSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { Counter, Gauge, Histogram, Registry } from "prom-client";

/** A registry whose every sample carries `service`, with the figures of this process in it. */
export function createMetrics(service: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  const gauge = (name: string, help: string, read: () => number): void => {
    new Gauge({ name, help, registers: [registry], collect() { this.set(read()); } });
  };
  const startedAt = Date.now() / 1000 - process.uptime();
  gauge("process_start_time_seconds", "Start of the process, seconds since 1970.", () => startedAt);
  new Counter({
    name: "process_cpu_seconds_total", help: "User and system CPU time, seconds.", registers: [registry],
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1e6);
    },
  });
  gauge("process_resident_memory_bytes", "Resident memory, bytes.", () => process.memoryUsage.rss());
  gauge("process_open_fds", "Open file descriptors.", () => readdirSync("/proc/self/fd").length);
  gauge("nodejs_heap_used_bytes", "Heap in use, bytes.", () => process.memoryUsage().heapUsed);
  let before = performance.eventLoopUtilization();
  gauge("nodejs_eventloop_utilization_ratio", "Share of time the event loop was busy since the last scrape, 0 to 1.", () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    return utilization;
  });
  return registry;
}

/** Seconds; from a cache hit to a compilation. */
export const DURATION_BUCKETS = [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60];

export function durationHistogram<L extends string>(registry: Registry, name: string, help: string, labelNames: L[]): Histogram<L> {
  return new Histogram({ name, help, labelNames, buckets: DURATION_BUCKETS, registers: [registry] });
}
