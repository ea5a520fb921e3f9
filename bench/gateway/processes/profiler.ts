/** V8's profiler, switched on for a part of a process's life. */
import { writeFileSync } from "node:fs";
import { Session } from "node:inspector/promises";

/** Finer than V8's 1000: a call is over in less. */
const SAMPLE_US = 200;

export class Profiler {
  readonly #session = new Session();

  async start(): Promise<void> {
    this.#session.connect();
    await this.#session.post("Profiler.enable");
    await this.#session.post("Profiler.setSamplingInterval", { interval: SAMPLE_US });
    await this.#session.post("Profiler.start");
  }

  /** @param file where the profile goes, for Chrome's or another viewer */
  async stop(file: string): Promise<void> {
    const { profile } = await this.#session.post("Profiler.stop");
    this.#session.disconnect();
    writeFileSync(file, JSON.stringify(profile));
  }
}
