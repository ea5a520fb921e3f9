/** This fabric through its HTTP API. */
import { BATCH_LIMIT } from "../../../contract/tasks.ts";
import { atOnce, steady, timed } from "../measure/load.ts";
import type { Figure } from "../measure/statistics.ts";
import { AGENT_TYPE } from "../stack/specs.ts";
import type { BenchStack } from "../stack/bench-stack.ts";
import type { Contestant } from "./contestant.ts";
import { HubApi, type TaskInput } from "./hub-api.ts";

const CALLER = "user:bench";
/** Batches under way at once. */
const BATCHES = 2;

export class Fabric implements Contestant {
  readonly name: string;
  readonly note: string;
  readonly #stack: BenchStack;
  readonly #action: TaskInput["action"];
  #api: HubApi | null = null;

  /** @param action `noop`, or `echo`, which does one effect once: a transaction of the agent in PostgreSQL beside the hub's */
  constructor(stack: BenchStack, action: TaskInput["action"]) {
    this.name = action === "noop" ? "fabric" : "fabric, echo";
    this.note = action === "noop"
      ? "row, outbox and result in PostgreSQL, quorum queues; completion heard on GET /api/v1/events"
      : "the same with one effect exactly once in PostgreSQL, which no other contestant offers";
    this.#stack = stack;
    this.#action = action;
  }

  burstOf = (tasks: number): number => tasks;

  async start(): Promise<void> {
    const api = new HubApi({ url: this.#stack.hubUrl, token: this.#stack.token(CALLER), caller: CALLER, type: AGENT_TYPE });
    await api.open();
    this.#api = api;
  }

  async steady(inFlight: number, ms: number, resultBytes: number): Promise<Figure> {
    const task = this.#task(resultBytes);
    return steady(() => this.#once(task), inFlight, ms);
  }

  async burst(tasks: number): Promise<Figure> {
    const task = this.#task(0);
    return atOnce(tasks, () => this.#once(task));
  }

  async bulkBurst(tasks: number): Promise<Figure | null> {
    const api = this.#api!;
    const task = this.#task(0);
    if (await api.submitBatch([]).catch(() => []) === null) return null;
    const batches = Array.from({ length: Math.ceil(tasks / BATCH_LIMIT) }, (_, index) => Math.min(BATCH_LIMIT, tasks - index * BATCH_LIMIT));
    return timed(tasks, async () => {
      const ends: Promise<void>[] = [];
      await Promise.all(Array.from({ length: BATCHES }, async () => {
        for (let size = batches.pop(); size !== undefined; size = batches.pop()) {
          for (const id of (await api.submitBatch(Array.from({ length: size }, () => task)))!) ends.push(api.ended(id));
        }
      }));
      await Promise.all(ends);
    });
  }

  async stop(): Promise<void> {
    await this.#api?.close();
    this.#api = null;
  }

  #task(padBytes: number): TaskInput {
    return { action: this.#action, input: padBytes > 0 ? { padBytes } : {} };
  }

  async #once(task: TaskInput): Promise<void> {
    const api = this.#api!;
    await api.ended(await api.submit(task));
  }
}
