/** graphile-worker: a queue in PostgreSQL alone. */
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

const BULK = 1_000;

/** As much of the package's API as is used. */
interface WorkerUtils {
  migrate(): Promise<void>;
  addJob(task: string, payload: object): Promise<{ id: string }>;
  addJobs(jobs: { identifier: string; payload: object }[]): Promise<{ id: string }[]>;
  release(): Promise<void>;
}

export class GraphileWorker implements Contestant {
  readonly name = "graphile-worker";
  readonly note = `${NPM["graphile-worker"]}, concurrency ${CONCURRENCY}, keeps no results; its worker tells what it has completed`;
  readonly #connectionString: string;
  readonly #ends = new Ends();
  #utils: WorkerUtils | null = null;
  #worker: ChildProcess | null = null;

  /** @param connectionString secret */
  constructor(connectionString: string) {
    this.#connectionString = connectionString;
  }

  burstOf = (tasks: number): number => Math.min(tasks, 2_000);

  async start(): Promise<void> {
    const packages = await npmPeers();
    const { makeWorkerUtils } = createRequire(`${packages}/`)("graphile-worker");
    this.#utils = await makeWorkerUtils({ connectionString: this.#connectionString, maxPoolSize: 10 }) as WorkerUtils;
    await this.#utils.migrate();
    this.#worker = await nodeWorker("graphile-worker.ts", { packages, connectionString: this.#connectionString, concurrency: CONCURRENCY },
      (ids) => (ids as string[]).forEach((id) => this.#ends.hear(id)));
  }

  async steady(inFlight: number, ms: number, resultBytes: number): Promise<Figure | null> {
    return resultBytes > 0 ? null : steady(() => this.#once(), inFlight, ms);
  }

  burst(tasks: number): Promise<Figure> {
    return atOnce(tasks, () => this.#once());
  }

  bulkBurst(tasks: number): Promise<Figure> {
    return timed(tasks, async () => {
      const ends: Promise<void>[] = [];
      for (let left = tasks; left > 0; left -= BULK) {
        const jobs = await this.#utils!.addJobs(Array.from({ length: Math.min(BULK, left) }, () => ({ identifier: "noop", payload: {} })));
        for (const { id } of jobs) ends.push(this.#ends.of(id));
      }
      await Promise.all(ends);
    });
  }

  async stop(): Promise<void> {
    await end(this.#worker);
    await this.#utils?.release();
  }

  async #once(): Promise<void> {
    const { id } = await this.#utils!.addJob("noop", {});
    await this.#ends.of(id);
  }
}
