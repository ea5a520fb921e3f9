/** What the hub that dispatches saw of each type in the last minute. */

const WINDOW_SECONDS = 60;

interface Second { started: number; heldSum: number; looks: number }

export interface MeasuredLoad {
  type: string;
  startedPerSecond: number;
  /** Mean number of tasks with the broker or an agent, over the moments at which the dispatcher looked. */
  held: number;
}

export class LoadWindow {
  readonly #now: () => number;
  readonly #types = new Map<string, Map<number, Second>>();
  #since: number;

  /** @param now milliseconds; given by tests */
  constructor(now: () => number = Date.now) {
    this.#now = now;
    this.#since = now();
  }

  /** Forgets: what happened while another hub dispatched is not known here. */
  begin(): void {
    this.#types.clear();
    this.#since = this.#now();
  }

  started(type: string): void {
    this.#second(type).started++;
  }

  /** The dispatcher found so many under way. */
  saw(type: string, held: number): void {
    const second = this.#second(type);
    second.heldSum += held;
    second.looks++;
  }

  /** Of every type that it has seen; one that was quiet for the whole window has zeros once, and is forgotten. */
  measure(): MeasuredLoad[] {
    const second = Math.floor(this.#now() / 1000);
    const overSeconds = Math.min(WINDOW_SECONDS, Math.max(1, second - Math.floor(this.#since / 1000)));
    return [...this.#types].map(([type, seconds]) => {
      for (const at of seconds.keys()) if (at <= second - WINDOW_SECONDS) seconds.delete(at);
      if (seconds.size === 0) this.#types.delete(type);
      const all = [...seconds.values()];
      const looks = all.reduce((sum, one) => sum + one.looks, 0);
      return {
        type,
        startedPerSecond: all.reduce((sum, one) => sum + one.started, 0) / overSeconds,
        held: looks === 0 ? 0 : all.reduce((sum, one) => sum + one.heldSum, 0) / looks,
      };
    });
  }

  #second(type: string): Second {
    const at = Math.floor(this.#now() / 1000);
    const seconds = this.#types.get(type) ?? new Map<number, Second>();
    this.#types.set(type, seconds);
    const known = seconds.get(at);
    if (known) return known;
    const fresh = { started: 0, heldSum: 0, looks: 0 };
    seconds.set(at, fresh);
    // Whoever is never asked must not keep all seconds there ever were.
    if (seconds.size > WINDOW_SECONDS + 1) seconds.delete(seconds.keys().next().value!);
    return fresh;
  }
}
