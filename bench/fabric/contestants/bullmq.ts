/** BullMQ on Redis with an append-only file synced each second: what is accepted may be lost for that long. */
import type { ChildProcess } from "node:child_process";
import { createRequire } from "node:module";
import { atOnce, steady, timed } from "../measure/load.ts";
import type { Figure } from "../measure/statistics.ts";
import { end, nodeWorker } from "../peers/child.ts";
import { npmPeers } from "../peers/install.ts";
import { NPM } from "../peers/versions.ts";
import { CONCURRENCY } from "../stack/specs.ts";
import type { Contestant } from "./contestant.ts";
import { Ends } from "./ends.ts";

const QUEUE = "bench";
const BULK = 1_000;

interface Job { id: string }
/** As much of the package's API as is used. */
interface Queue {
  add(name: string, data: object): Promise<Job>;
  addBulk(jobs: { name: string; data: object }[]): Promise<Job[]>;
  clean(graceMs: number, limit: number, type: "completed"): Promise<string[]>;
  close(): Promise<void>;
}
interface QueueEvents {
  on(event: "completed" | "failed", listener: (event: { jobId: string }) => void): void;
  on(event: "error", listener: (error: Error) => void): void;
  waitUntilReady(): Promise<unknown>;
  close(): Promise<void>;
}

export interface RedisLogin { host: string; username: string; password: string }

export class BullMq implements Contestant {
  readonly name = "BullMQ";
  readonly note = `${NPM.bullmq}, concurrency ${CONCURRENCY}, append-only file synced each second (may lose one); completion heard by QueueEvents`;
  readonly #login: RedisLogin;
  readonly #ends = new Ends();
  #queue: Queue | null = null;
  #events: QueueEvents | null = null;
  #worker: ChildProcess | null = null;

  constructor(login: RedisLogin) {
    this.#login = login;
  }

  burstOf = (tasks: number): number => tasks;

  async start(): Promise<void> {
    const packages = await npmPeers();
    const bullmq = createRequire(`${packages}/`)("bullmq") as {
      Queue: new (name: string, options: object) => Queue;
      QueueEvents: new (name: string, options: object) => QueueEvents;
    };
    this.#queue = new bullmq.Queue(QUEUE, { connection: this.#login });
    this.#events = new bullmq.QueueEvents(QUEUE, { connection: this.#login });
    this.#events.on("error", () => undefined);
    for (const event of ["completed", "failed"] as const) this.#events.on(event, ({ jobId }) => this.#ends.hear(jobId));
    await this.#events.waitUntilReady();
    this.#worker = await nodeWorker("bullmq-worker.ts", { packages, connection: this.#login, queue: QUEUE, concurrency: CONCURRENCY });
  }

  steady(inFlight: number, ms: number, bytes: number): Promise<Figure> {
    return steady(() => this.#once(bytes), inFlight, ms);
  }

  burst(tasks: number): Promise<Figure> {
    return atOnce(tasks, () => this.#once(0));
  }

  bulkBurst(tasks: number): Promise<Figure> {
    return timed(tasks, async () => {
      const ends: Promise<void>[] = [];
      for (let left = tasks; left > 0; left -= BULK) {
        const jobs = await this.#queue!.addBulk(Array.from({ length: Math.min(BULK, left) }, () => ({ name: "noop", data: { bytes: 0 } })));
        for (const { id } of jobs) ends.push(this.#ends.of(id));
      }
      await Promise.all(ends);
    });
  }

  /** Results stay in Redis, as they do by default. */
  async tidy(): Promise<void> {
    while ((await this.#queue!.clean(0, BULK, "completed")).length > 0);
  }

  async stop(): Promise<void> {
    await end(this.#worker);
    await Promise.all([this.#queue?.close(), this.#events?.close()]);
  }

  async #once(bytes: number): Promise<void> {
    const { id } = await this.#queue!.add("noop", { bytes });
    await this.#ends.of(id);
  }
}
