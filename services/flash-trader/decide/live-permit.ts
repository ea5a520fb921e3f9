/** Leave for one live trade while the mode is dry-run. The other of the two settings, the chain, is the deployment's alone. */
import { HttpProblem } from "../../kit/problem.ts";

export class LivePermit {
  #asked: { until: number; done(key: string | null): void } | null = null;
  readonly #nowMs: () => number;

  /** @param nowMs monotonic */
  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  get open(): boolean {
    return this.#asked !== null && this.#nowMs() < this.#asked.until;
  }

  /** @returns the trade that used it; null where none came in time @throws {HttpProblem} 409 while somebody else's is open */
  async ask(withinMs: number): Promise<string | null> {
    if (this.#asked !== null) throw new HttpProblem(409, "Somebody else waits for a live trade already: one at a time.");
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise((done) => {
        this.#asked = { until: this.#nowMs() + withinMs, done };
        timer = setTimeout(done, withinMs, null);
      });
    } finally {
      clearTimeout(timer);
      this.#asked = null;
    }
  }

  /** Ends it: the next trade is a rehearsal again. @param key of the trade that went out */
  use(key: string): void {
    const asked = this.#asked;
    this.#asked = null;
    asked?.done(key);
  }
}
