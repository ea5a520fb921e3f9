/** What the rest of the hub is told once a change of a task is committed. */
import type { TaskError } from "../../../contract/bus.ts";
import type { TaskState } from "../../../contract/tasks.ts";

export interface TaskChange {
  id: string;
  type: string;
  action: string;
  caller: string;
  state: TaskState;
  attempt: number;
  agentId: string | null;
  error: TaskError | null;
  urgency: number;
  createdAt: Date;
}

/** Told of every committed change, in order for each task; never throws. */
export type OnChange = (changes: readonly TaskChange[]) => void;
