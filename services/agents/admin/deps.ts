/** What the actions work with. */
import type { HubClient } from "../../kit/hub-client.ts";
import type { FabricReader } from "./fabric/fabric-reader.ts";
import type { HubRetention } from "./hub-retention.ts";

export interface AdminDeps {
  fabric: FabricReader;
  hub: Pick<HubClient, "replayTask" | "listServices">;
  retention: HubRetention;
}
