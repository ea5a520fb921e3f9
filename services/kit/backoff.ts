/** Delays between tries. */

export interface Backoff {
  /** Delay before the second try, in milliseconds. */
  firstMs: number;
  /** Upper limit of every delay, in milliseconds. */
  maxMs: number;
}

/** How services wait for the stores and for each other. */
export const RECONNECT: Backoff = { firstMs: 200, maxMs: 2_000 };

/**
 * Delay after the `failures`-th failure in a row: doubling, capped, with up to a fifth taken off at random, so that
 * thirty services do not knock on a restarted broker at the same instant.
 *
 * @param failures from 1
 * @param random in [0, 1); given by tests
 */
export function backoffMs(failures: number, { firstMs, maxMs }: Backoff, random: number = Math.random()): number {
  const full = Math.min(maxMs, firstMs * 2 ** Math.min(failures - 1, 30));
  return Math.round(full * (1 - random / 5));
}

/** Resolves after `ms`; rejects with the signal's reason when it fires first. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal!.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

/**
 * Calls `attempt` until it succeeds; waits {@link backoffMs} between tries.
 *
 * @param options.onFailure told of each failure, with its number from 1; may throw to give up
 * @throws the signal's reason once it fires
 */
export async function untilDone<T>(
  attempt: () => Promise<T>,
  options: { backoff?: Backoff; signal?: AbortSignal; onFailure?: (error: unknown, failures: number) => void } = {},
): Promise<T> {
  for (let failures = 1; ; failures++) {
    options.signal?.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      options.signal?.throwIfAborted();
      options.onFailure?.(error, failures);
    }
    await sleep(backoffMs(failures, options.backoff ?? RECONNECT), options.signal);
  }
}
