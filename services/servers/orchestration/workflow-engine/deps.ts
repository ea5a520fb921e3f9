import type { HubClient } from "../../../kit/hub-client.ts";
import type { RunReader } from "./run-reader.ts";

export interface Deps {
  hub: Pick<HubClient, "submitTask" | "getTask" | "listTasks" | "cancelTask" | "replayTask" | "listActions">;
  runs: RunReader;
}
