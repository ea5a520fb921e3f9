/** The end of a process: in order, and in time. */
import { messageOf } from "./errors.ts";
import type { Logger } from "./log.ts";

interface Closer {
  /** For the log when it fails. */
  name: string;
  close(): Promise<void> | void;
}

/** In this order: no new work and an end of the old, no new requests, the application's own closing, the stores. */
export const STOP_PHASES = ["work", "http", "application", "stores"] as const;
export type StopPhase = (typeof STOP_PHASES)[number];

/** Steps of a clean stop, run once; within a phase last added first. A failing step is logged and the next one runs all the same. */
export class Shutdown {
  readonly #log: Logger;
  readonly #steps: Record<StopPhase, Closer[]> = { work: [], http: [], application: [], stores: [] };
  #running: Promise<void> | null = null;

  constructor(log: Logger) {
    this.#log = log;
  }

  add(phase: StopPhase, name: string, close: () => Promise<void> | void): void {
    this.#steps[phase].push({ name, close });
  }

  get started(): boolean {
    return this.#running !== null;
  }

  /** Resolves when every step has ended; the same promise for every caller. */
  run(): Promise<void> {
    this.#running ??= this.#runSteps();
    return this.#running;
  }

  async #runSteps(): Promise<void> {
    for (const phase of STOP_PHASES) {
      for (let step = this.#steps[phase].pop(); step !== undefined; step = this.#steps[phase].pop()) {
        try {
          await step.close();
        } catch (error) {
          this.#log.warn({ step: step.name, err: error }, "a step of the stop failed");
        }
      }
    }
  }
}

/**
 * SIGTERM and SIGINT start the stop and end the process with 0; past `deadlineMs` it ends with 1 whatever is left.
 * An unhandled error is logged and ends it with 1: the engine's restart is cleaner than a process in an unknown state.
 */
export function endOnSignals(shutdown: Shutdown, log: Logger, deadlineMs: number, exit: (code: number) => void = process.exit): void {
  const stop = (signal: NodeJS.Signals): void => {
    if (shutdown.started) return;
    log.info({ signal }, "stopping");
    const timer = setTimeout(() => {
      log.error({ deadlineMs }, "the stop took too long; ending at once");
      exit(1);
    }, deadlineMs);
    timer.unref();
    void shutdown.run().then(() => {
      log.info("stopped");
      exit(0);
    });
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  const die = (kind: string) => (error: unknown) => {
    log.fatal({ err: error }, `${kind}: ${messageOf(error)}`);
    exit(1);
  };
  process.on("uncaughtException", die("uncaught exception"));
  process.on("unhandledRejection", die("unhandled rejection"));
}
