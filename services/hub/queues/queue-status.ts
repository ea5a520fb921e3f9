/** The answer of `GET /api/v1/queues`. */
import { AGENT_PORTS } from "../../../contract/services.ts";
import { CALL_TYPE, type QueueStatus } from "../../../contract/tasks.ts";
import type { QueueReader } from "./queue-reader.ts";
import { suggestReplicas } from "./suggestion.ts";

/** Of a type that does not ship: as many as a stack may set. */
const MOST_INSTANCES = 64;

const mostOf = (type: string): number => {
  const ports = (AGENT_PORTS as Record<string, readonly [number, number]>)[type];
  return ports ? ports[1] - ports[0] + 1 : MOST_INSTANCES;
};

/** @param agents by type; see `Catalogs.capacity` */
export async function queueStatus(reader: QueueReader, agents: ReadonlyMap<string, { instances: number; capacity: number }>): Promise<QueueStatus[]> {
  const [live, dead, load] = await Promise.all([reader.live(), reader.dead(), reader.load()]);
  // Hubs do long tool calls themselves: no number of agents helps them.
  const liveOf = new Map(live.filter(({ type }) => type !== CALL_TYPE).map((queue) => [queue.type, queue]));
  return [...new Set([...agents.keys(), ...liveOf.keys()])].sort().map((type) => {
    const { instances, capacity } = agents.get(type) ?? { instances: 0, capacity: 0 };
    const { pending, active, oldestSeconds } = liveOf.get(type) ?? { pending: 0, active: 0, oldestSeconds: 0 };
    const { startedPerSecond, held } = load.get(type) ?? { startedPerSecond: 0, held: 0 };
    return {
      type, instances, capacity, pending, active, dead: dead.get(type) ?? 0,
      oldestPendingSeconds: rounded(oldestSeconds), startedPerSecond: rounded(startedPerSecond),
      suggestion: suggestReplicas({ instances, capacity, pending, active, oldestSeconds, startedPerSecond, held, most: mostOf(type) }),
    };
  });
}

const rounded = (value: number): number => Math.round(value * 100) / 100;
