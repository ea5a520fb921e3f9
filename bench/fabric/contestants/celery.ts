/** Celery with RabbitMQ and PostgreSQL: the same two stores that ours relies on. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { figureOf, type Figure } from "../measure/statistics.ts";
import { end, LineProcess } from "../peers/child.ts";
import { pythonPeers } from "../peers/install.ts";
import { PYPI } from "../peers/versions.ts";
import type { Contestant } from "./contestant.ts";

const FOLDER = join(import.meta.dirname, "../peers");
/** Processes of the worker: as many as this machine has cores. */
const PROCESSES = 2;
const FIRST_TASK_MS = 60_000;

export interface CelerySettings {
  /** `amqp://…`; secret. */
  broker: string;
  /** `postgresql+psycopg://…`; secret. */
  database: string;
}

export class Celery implements Contestant {
  readonly name = "Celery";
  readonly note = `${PYPI.celery}, quorum queue, acks_late, confirms, results in PostgreSQL, one worker with ${PROCESSES} processes; `
    + "completion by one query for all outstanding tasks each 2 ms";
  readonly #settings: CelerySettings;
  #folder: string | null = null;
  #worker: ChildProcess | null = null;
  #client: LineProcess | null = null;

  constructor(settings: CelerySettings) {
    this.#settings = settings;
  }

  burstOf = (tasks: number): number => Math.min(tasks, 1_000);

  async start(): Promise<void> {
    const python = await pythonPeers();
    this.#folder = mkdtempSync(join(tmpdir(), "bench-fabric-celery-"));
    const file = join(this.#folder, "settings.json");
    writeFileSync(file, JSON.stringify({ ...this.#settings, concurrency: PROCESSES }), { mode: 0o600 });
    const env = { PATH: process.env["PATH"], PYTHONPATH: FOLDER, PYTHONDONTWRITEBYTECODE: "1", PYTHONWARNINGS: "ignore", BENCH_CELERY_SETTINGS: file };
    // The client makes the queue and the result table, which two processes of a worker would make at the same time.
    this.#client = new LineProcess(python, [join(FOLDER, "celery_client.py")], env);
    await this.#client.answer();
    this.#worker = spawn(python, ["-m", "celery", "-A", "celery_app", "worker", "--pool", "prefork", "--loglevel", "error",
      "--without-gossip", "--without-mingle", "--without-heartbeat"], { env, cwd: this.#folder, stdio: ["ignore", "ignore", "inherit"] });
    await withinMs(FIRST_TASK_MS, this.burst(1), "Celery did not do its first task");
  }

  async steady(inFlight: number, ms: number, bytes: number): Promise<Figure> {
    const { seconds, latenciesMs } = await this.#client!.ask<{ seconds: number; latenciesMs: number[] }>({ inFlight, ms, bytes });
    return figureOf(latenciesMs, seconds);
  }

  async burst(count: number): Promise<Figure> {
    const { seconds, tasks } = await this.#client!.ask<{ seconds: number; tasks: number }>({ burst: count });
    return { rate: tasks / seconds, tasks };
  }

  async bulkBurst(): Promise<null> {
    return null;
  }

  async stop(): Promise<void> {
    await this.#client?.end();
    await end(this.#worker);
    if (this.#folder) rmSync(this.#folder, { recursive: true, force: true });
  }
}

async function withinMs<T>(ms: number, promise: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => { timer = setTimeout(() => reject(new Error(`${what} within ${ms / 1000} s`)), ms); });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
