/** What a task of ours costs: flushes of PostgreSQL's log, and CPU of each service. */
import { setTimeout as sleep } from "node:timers/promises";
import type { BenchStack } from "../stack/bench-stack.ts";
import { AGENT, STORES } from "../stack/specs.ts";
import { containersOf, cpuMs } from "./containers.ts";
import type { Figure } from "./statistics.ts";

/** A session reports its share of the statistics at the latest this long after it fell idle (PGSTAT_IDLE_INTERVAL). */
const STATISTICS_MS = 11_000;

export interface Cost {
  tasks: number;
  flushesPerTask: number;
  /** Milliseconds of CPU a task, by service; `client` is this process. */
  cpuMsPerTask: Record<string, number>;
}

export async function costOf(stack: BenchStack, work: () => Promise<Figure>): Promise<Cost> {
  const containers = containersOf([...STORES, "hub", AGENT], (name) => stack.runner.container(name));
  const flushes = async (): Promise<number> => {
    await sleep(STATISTICS_MS);
    return Number(await stack.sql("select wal_sync from pg_stat_wal"));
  };
  const flushesBefore = await flushes();
  const cpuBefore = containers.map(cpuMs);
  const clientBefore = process.cpuUsage();
  const { tasks } = await work();
  const client = process.cpuUsage(clientBefore);
  const cpu = containers.map((container, index) => cpuMs(container) - cpuBefore[index]!);
  return {
    tasks,
    flushesPerTask: (await flushes() - flushesBefore) / tasks,
    cpuMsPerTask: {
      ...Object.fromEntries(containers.map(({ name }, index) => [name, cpu[index]! / tasks])),
      client: (client.user + client.system) / 1000 / tasks,
    },
  };
}
