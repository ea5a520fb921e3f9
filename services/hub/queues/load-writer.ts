/** Puts the measured load where every hub can read it, also the one that does not dispatch. */
import type { Pool } from "pg";
import { messageOf } from "../../kit/errors.ts";
import type { Logger } from "../../kit/log.ts";
import type { LoadWindow } from "./load-window.ts";
import { writeLoad } from "./queue-reader.ts";

const INTERVAL_MS = 5_000;

export class LoadWriter {
  readonly #pool: Pool;
  readonly #load: LoadWindow;
  readonly #log: Logger;
  #dueAt = 0;

  constructor(pool: Pool, load: LoadWindow, log: Logger) {
    this.#pool = pool;
    this.#load = load;
    this.#log = log;
  }

  /** Called with each round of the sweeper; writes every few seconds. */
  round(): void {
    if (performance.now() < this.#dueAt) return;
    this.#dueAt = performance.now() + INTERVAL_MS;
    writeLoad(this.#pool, this.#load.measure()).catch((error: unknown) => this.#log.debug({ reason: messageOf(error) }, "the load was not written down"));
  }
}
