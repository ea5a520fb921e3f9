/** When a backend is left alone: a circuit breaker over consecutive failures. Pure but for the clock it is given. */

export const BREAKER = {
  /** Failures in a row that open it. */
  failures: 5,
  /** First pause; doubles while probes fail. */
  firstPauseMs: 1_000,
  longestPauseMs: 30_000,
} as const;

export type BreakerState = "closed" | "open" | "half-open";

/**
 * closed → open after failures in a row; half-open once its pause is over: exactly one probe may go, whose success
 * closes it and whose failure opens it for twice as long. A slow success counts as a success: slowness alone never opens it.
 */
export class Breaker {
  readonly #now: () => number;
  #failures = 0;
  #openings = 0;
  #opensAgainAt = 0;
  #state: BreakerState = "closed";

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  get state(): BreakerState {
    return this.#state;
  }

  /** Milliseconds until a probe may go; 0 when one may. */
  get pauseMs(): number {
    return this.#state === "closed" ? 0 : Math.max(0, this.#opensAgainAt - this.#now());
  }

  get closed(): boolean {
    return this.#state === "closed";
  }

  /** @returns whether the caller is the one probe; it must report by `succeeded` or `failed` */
  tryProbe(): boolean {
    if (this.#state !== "open" || this.pauseMs > 0) return false;
    this.#state = "half-open";
    return true;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#openings = 0;
    this.#state = "closed";
  }

  /** @returns whether this failure has opened it */
  failed(): boolean {
    if (this.#state === "open") return false;
    if (this.#state === "closed" && ++this.#failures < BREAKER.failures) return false;
    this.#state = "open";
    this.#opensAgainAt = this.#now() + Math.min(BREAKER.longestPauseMs, BREAKER.firstPauseMs * 2 ** this.#openings++);
    return true;
  }
}
