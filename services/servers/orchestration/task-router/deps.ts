import type { HubClient } from "../../../kit/hub-client.ts";

export interface Deps {
  hub: Pick<HubClient, "submitTask" | "getTask" | "listTasks" | "cancelTask" | "replayTask" | "listActions" | "listQueues">;
}
