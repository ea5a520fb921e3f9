import type { HubClient } from "../../../kit/hub-client.ts";

/** What a run needs of the hub. */
export type HubTasks = Pick<HubClient, "submitTask" | "getTask" | "cancelTask" | "replayTask">;
