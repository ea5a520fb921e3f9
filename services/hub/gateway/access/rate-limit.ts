/** Calls a minute by caller. In memory: each hub gives out its share of a caller's limit, so that many hubs are not many limits. */

interface Bucket { tokens: number; at: number }

const REMEMBERED = 10_000;

/** Of a limit that `hubs` keep together; never nothing. */
export const shareOf = (limit: number, hubs: number): number => Math.max(1, limit / hubs);

export class RateLimit {
  readonly #buckets = new Map<string, Bucket>();
  readonly #now: () => number;
  readonly #hubs: number;

  /** @param hubs that share the load */
  constructor(hubs: number, now: () => number = Date.now) {
    this.#hubs = hubs;
    this.#now = now;
  }

  /** Takes one call. @returns 0, or the seconds after which the next one is free */
  take(caller: string, perMinute: number): number {
    const now = this.#now();
    const capacity = shareOf(perMinute, this.#hubs);
    const perMs = capacity / 60_000;
    const before = this.#buckets.get(caller);
    const tokens = before ? Math.min(capacity, before.tokens + (now - before.at) * perMs) : capacity;
    if (tokens < 1) return Math.ceil((1 - tokens) / perMs / 1000);
    if (before) {
      before.tokens = tokens - 1;
      before.at = now;
    } else {
      if (this.#buckets.size >= REMEMBERED) this.#forgetFull(now);
      this.#buckets.set(caller, { tokens: tokens - 1, at: now });
    }
    return 0;
  }

  /** Whoever has not called for a minute has a full bucket again, which is what a stranger has. */
  #forgetFull(now: number): void {
    for (const [caller, { at }] of this.#buckets) if (now - at >= 60_000) this.#buckets.delete(caller);
  }
}
