/** What this server offers. */
import { cancelTask } from "./tools/cancel-task.ts";
import { getTask } from "./tools/get-task.ts";
import { listActions } from "./tools/list-actions.ts";
import { listTasks } from "./tools/list-tasks.ts";
import { queueStatus } from "./tools/queue-status.ts";
import { replayTask } from "./tools/replay-task.ts";
import { submitTask } from "./tools/submit-task.ts";
import { waitForTask } from "./tools/wait-for-task.ts";

export const tools = [cancelTask, getTask, listActions, listTasks, queueStatus, replayTask, submitTask, waitForTask];
