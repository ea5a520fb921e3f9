/** What the kit knows of a store's client, whichever store it is. */
export interface KeptStore<T> {
  readonly client: T;
  /** Asks the store itself; resolves to false when it does not answer in time. */
  answers(): Promise<boolean>;
  close(): Promise<void>;
}

/** Milliseconds that a readiness probe waits for a store. */
export const PROBE_TIMEOUT_MS = 1_500;

/** Whether `probe` succeeds within {@link PROBE_TIMEOUT_MS}. */
export async function succeedsInTime(probe: () => Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => { timer = setTimeout(() => resolve(false), PROBE_TIMEOUT_MS); });
  try {
    return await Promise.race([probe().then(() => true), late]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
