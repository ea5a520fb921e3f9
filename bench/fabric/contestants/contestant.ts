/** What is measured: one way to have a task done. */
import type { Figure } from "../measure/statistics.ts";

export interface Contestant {
  name: string;
  /** What a reader must know to judge its figures. */
  note: string;
  /** Tasks of a burst; fewer than asked where all of them would take minutes. */
  burstOf(tasks: number): number;
  /** Starts its worker. @throws {Error} when it cannot take part */
  start(): Promise<void>;
  /** `inFlight` tasks at any time for `ms`, each with `resultBytes` in its result; null where it keeps no results. */
  steady(inFlight: number, ms: number, resultBytes: number): Promise<Figure | null>;
  /** As fast as they are accepted, one call a task. */
  burst(tasks: number): Promise<Figure>;
  /** The same by its call for many; null where it has none. */
  bulkBurst(tasks: number): Promise<Figure | null>;
  /** Forgets the finished tasks where they would fill a memory. Not timed. */
  tidy?(): Promise<void>;
  stop(): Promise<void>;
}
