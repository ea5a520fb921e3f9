/** admin: dead letters, retention and reports of the task fabric. */
import { runAgent } from "../../kit/agent.ts";
import { ConfigError } from "../../kit/config.ts";
import { actions } from "./actions.ts";
import type { AdminDeps } from "./deps.ts";
import { PostgresFabric } from "./fabric/fabric-reader.ts";
import { hubRetention } from "./hub-retention.ts";

await runAgent<AdminDeps>({
  type: "admin",
  actions,
  connect: async ({ config, hub, postgres }) => {
    if (config.MCP_SERVICE_TOKEN === undefined) throw new ConfigError(["MCP_SERVICE_TOKEN: missing; the hub wants it"]);
    return { fabric: new PostgresFabric(postgres()), hub, retention: hubRetention(config.MCP_COORDINATOR_URL, config.MCP_SERVICE_TOKEN) };
  },
});
