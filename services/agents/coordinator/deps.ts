/** What the actions work with. */
import type { HubClient } from "../../kit/hub-client.ts";
import type { HubTasks } from "./run/hub-tasks.ts";
import type { Poll } from "./run/workflow-run.ts";
import type { RunStore } from "./store/run-store.ts";

export interface CoordinatorDeps {
  hub: HubTasks & Pick<HubClient, "listActions">;
  runs: RunStore;
  /** Shorter in tests. */
  poll?: Poll;
}
