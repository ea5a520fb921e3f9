import { untilDone } from "../../../kit/backoff.ts";
import { Unavailable } from "../../../kit/errors.ts";

/** Repeats what a dependency that is away kept from being done. @throws the signal's reason, and every other error */
export function patient<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  return untilDone(work, { signal, onFailure: (error) => { if (!(error instanceof Unavailable)) throw error; } });
}
