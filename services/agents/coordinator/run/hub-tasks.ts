/** The hub as a run sees it: a restart of the hub is no reason to give anything up. */
import type { Task, TaskReceipt, TaskRequest } from "../../../../contract/tasks.ts";
import { FINAL_STATES } from "../../../../contract/tasks.ts";
import { Unavailable, UserFault } from "../../../kit/errors.ts";
import type { HubClient } from "../../../kit/hub-client.ts";

/** What a run needs of the hub. */
export type HubTasks = Pick<HubClient, "submitTask" | "getTask" | "cancelTask" | "replayTask">;

export type SubmitAnswer =
  | { kind: "taken"; receipt: TaskReceipt }
  /** Unknown type or action, or an input that its schema does not allow. */
  | { kind: "refused"; message: string }
  /** Ask again. */
  | { kind: "away" };

export async function submit(hub: HubTasks, request: Parameters<HubTasks["submitTask"]>[0] & { idempotencyKey: string }, signal: AbortSignal): Promise<SubmitAnswer> {
  try {
    return { kind: "taken", receipt: await hub.submitTask(request, signal) };
  } catch (error) {
    if (error instanceof Unavailable) return { kind: "away" };
    if (error instanceof UserFault) return { kind: "refused", message: error.message };
    throw error;
  }
}

/** The task once it has ended; null while it has not, or the hub is away. */
export async function ended(hub: Pick<HubTasks, "getTask">, id: string, signal?: AbortSignal): Promise<Task | null> {
  try {
    const task = await hub.getTask(id, signal);
    return FINAL_STATES.includes(task.state) ? task : null;
  } catch (error) {
    if (error instanceof Unavailable) return null;
    throw error;
  }
}

/** @returns whether the hub has heard it; a task that has ended needs no cancelling */
export async function cancel(hub: Pick<HubTasks, "cancelTask">, id: string): Promise<boolean> {
  try {
    await hub.cancelTask(id);
    return true;
  } catch (error) {
    return error instanceof UserFault;
  }
}

export type Priority = TaskRequest["priority"];
