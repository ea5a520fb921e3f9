/** What the load consists of: one task at a time, drawn at random. Pure but for the given source of chance. */
import type { TaskRequest } from "../../contract/tasks.ts";

export interface TaskPlan extends Pick<TaskRequest, "type" | "action" | "priority" | "maxAttempts"> {
  /** Of `echo`, beside the payload. */
  input: { sleepMs?: number; failTimes?: number; padBytes?: number };
  poison: boolean;
}

/** An agent type and how many tasks its agents hold at once; the load is shared out by that. */
export interface Worker {
  type: string;
  capacity: number;
}

type Chance = () => number;

const between = (chance: Chance, min: number, max: number): number => min + Math.floor(chance() * (max - min + 1));

/** Share of 100, and what is asked. The long ones are what keeps tens of tasks with the agents at every instant. */
const KINDS: readonly (readonly [number, (chance: Chance) => Pick<TaskPlan, "input"> & Partial<TaskPlan>])[] = [
  [29, () => ({ input: {} })],
  [25, (chance) => ({ input: { sleepMs: between(chance, 20, 200) } })],
  [25, (chance) => ({ input: { sleepMs: between(chance, 1_000, 3_000) } })],
  [10, (chance) => ({ input: { padBytes: between(chance, 1, 8_192) } })],
  [10, (chance) => ({ input: { failTimes: 1, sleepMs: between(chance, 0, 50) } })],
  [1, () => ({ input: { failTimes: 100 }, maxAttempts: 2, poison: true })],
];

const PRIORITIES: readonly (readonly [number, TaskPlan["priority"]])[] = [[20, "high"], [60, "normal"], [20, "low"]];

function weighted<T>(chance: Chance, choices: readonly (readonly [number, T])[]): T {
  let rest = chance() * choices.reduce((sum, [weight]) => sum + weight, 0);
  return (choices.find(([weight]) => (rest -= weight) < 0) ?? choices.at(-1)!)[1];
}

/** @param chance in [0, 1), as `Math.random` */
export function drawTask(workers: readonly Worker[], chance: Chance = Math.random): TaskPlan {
  return {
    type: weighted(chance, workers.map(({ type, capacity }) => [capacity, type] as const)),
    action: "echo",
    priority: weighted(chance, PRIORITIES),
    poison: false,
    ...weighted(chance, KINDS)(chance),
  };
}
