/** What the actions work with. */
import type { HubClient } from "../../kit/hub-client.ts";
import type { HubTasks } from "./run/hub-tasks.ts";
import type { RunOptions } from "./run/workflow-run.ts";

export interface CoordinatorDeps {
  hub: HubTasks & Pick<HubClient, "listActions">;
  /** Shorter in tests. */
  poll?: RunOptions["poll"];
}
