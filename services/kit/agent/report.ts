/** Telling the hub a result until it says that it is stored. */
import { cloudEventHeaders, EVENT_TYPES, resultsKey, type ResultMessage } from "../../../contract/bus.ts";
import { backoffMs, type Backoff } from "../backoff.ts";
import { messageOf } from "../errors.ts";
import type { Logger } from "../log.ts";
import type { Bus } from "../rabbitmq.ts";
import type { HeldTask } from "./held-task.ts";

/** Waits for `stored` between two publications of a result; it may be lost with our queue, or the hub be away. */
export const REPUBLISH: Backoff = { firstMs: 3_000, maxMs: 15_000 };

/** After a publication that the broker has not confirmed. */
const RETRY_MS = 250;

export interface ReportOptions {
  bus: Pick<Bus, "publish">;
  type: string;
  log: Logger;
  /** Ends the reporting without an acknowledgement. */
  signal: AbortSignal;
  /** Between two publications that the broker has confirmed. */
  backoff?: Backoff;
}

/** @returns whether the hub has it; false once the signal fires */
export async function report(held: HeldTask, result: ResultMessage, options: ReportOptions): Promise<boolean> {
  const { bus, type, log, signal, backoff = REPUBLISH } = options;
  let [confirmed, failed] = [0, 0];
  while (!signal.aborted) {
    try {
      await bus.publish(resultsKey(type), result, {
        // The same id each time: it is the same result.
        messageId: held.key,
        headers: cloudEventHeaders({
          id: held.key,
          source: `/agents/${result.agentId}`,
          type: result.outcome === "succeeded" ? EVENT_TYPES.taskSucceeded : EVENT_TYPES.taskFailed,
          subject: result.taskId,
          mcpattempt: result.attempt,
          traceparent: held.traceparent,
        }),
      });
      confirmed++;
    } catch (error) {
      if (++failed === 1) log.warn({ taskId: result.taskId, reason: messageOf(error) }, "the result did not reach the broker; publishing until it does");
      // The next publication waits for a channel itself; more patience would keep the task, and its place, after the broker is back.
      if (await settlesWithin(held.stored, RETRY_MS, signal)) return true;
      continue;
    }
    if (await settlesWithin(held.stored, backoffMs(confirmed, backoff), signal)) return true;
    if (confirmed === 1 && !signal.aborted) log.warn({ taskId: result.taskId }, "the hub has not said that the result is stored; publishing it again");
  }
  return false;
}

/** Whether `promise` resolves within `ms` and before the signal. */
export function settlesWithin(promise: Promise<void>, ms: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const finish = (settled: boolean) => (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      resolve(settled);
    };
    const onAbort = finish(false);
    const timer = setTimeout(onAbort, ms);
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    void promise.then(finish(true));
  });
}
