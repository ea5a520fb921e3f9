/** A run whose own task is over although its steps may not be: who finds that out, and sees to it. */
import type { Task } from "../../../../contract/tasks.ts";
import { FINAL_STATES } from "../../../../contract/tasks.ts";
import { COORDINATOR, SETTLE_WORKFLOW } from "../../../../contract/workflow.ts";
import { messageOf, UserFault } from "../../../kit/errors.ts";
import type { Logger } from "../../../kit/log.ts";
import type { CoordinatorDeps } from "../deps.ts";

/** Final without success: the run will not go on by itself. */
export const isOver = ({ state }: Pick<Task, "state">): boolean => FINAL_STATES.includes(state) && state !== "succeeded";

/** Its place in the queue must not be behind the runs that wait for one. */
export async function submitSettlement({ hub }: Pick<CoordinatorDeps, "hub">, run: string, occasion: string): Promise<void> {
  await hub.submitTask({ type: COORDINATOR, action: SETTLE_WORKFLOW, input: { run }, priority: "high", idempotencyKey: `settle:${run}:${occasion}` });
}

const LOOKED_AT = 500;

/**
 * Has the runs settled that nobody drives any more: cancelled while no agent had them, out of time, or out of attempts.
 *
 * @returns their ids
 */
export async function settleAbandoned(deps: CoordinatorDeps, log: Logger): Promise<string[]> {
  const settled: string[] = [];
  for (const run of await deps.runs.unfinished(LOOKED_AT)) {
    try {
      const task = await deps.hub.getTask(run);
      if (!isOver(task)) continue;
      // The time of its end tells this occasion from one before a replay.
      await submitSettlement(deps, run, task.finishedAt!);
      settled.push(run);
    } catch (error) {
      // A task that was deleted of old has nothing left to settle.
      if (!(error instanceof UserFault)) throw error;
      log.debug({ run, reason: messageOf(error) }, "a run cannot be settled");
    }
  }
  return settled;
}

export const LOOK_INTERVAL_MS = 10_000;
/** Long enough to ask what became of a workflow; tasks go by `apply_retention`. */
const KEEP_RUNS_DAYS = 90;
/** Old runs are looked for once in so many looks: about hourly. */
const LOOKS_PER_FORGETTING = 360;

/** Looks now and then, in every coordinator: what two find is settled once. @returns ends it */
export function watchAbandoned(deps: CoordinatorDeps, log: Logger, intervalMs = LOOK_INTERVAL_MS): () => void {
  let looking = false;
  let looks = 0;
  const look = async (): Promise<void> => {
    if (looking) return;
    looking = true;
    try {
      const runs = await settleAbandoned(deps, log);
      if (runs.length > 0) log.info({ runs }, "runs that nobody drives are settled");
      if (looks++ % LOOKS_PER_FORGETTING === 0) await deps.runs.forget(KEEP_RUNS_DAYS);
    } catch (error) {
      log.debug({ reason: messageOf(error) }, "abandoned runs could not be looked for");
    } finally {
      looking = false;
    }
  };
  const timer = setInterval(() => void look(), intervalMs);
  return () => clearInterval(timer);
}
