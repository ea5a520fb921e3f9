/** What keeps trades back: the kill switch, every gate and what it refused, and the hour's budgets. It trades nothing itself. */
import { KILL_SWITCH_KEY } from "../../../../contract/trading.ts";
import { PermanentError } from "../../../kit/errors.ts";
import { EtcdGateway } from "../../../kit/etcd/gateway.ts";
import { runMcpServer } from "../../../kit/server.ts";
import { connectTrader } from "../../shared/trader-client.ts";
import type { Deps } from "./deps.ts";
import { tools } from "./tools.ts";

await runMcpServer<Deps>({
  name: "risk-guard",
  instructions: [
    "Keeps trades back. stop_trading sets the kill switch at once, for every trader of this stack, and resume_trading clears it; both want an administrator.",
    "get_kill_switch says who set it and why, list_gates which gates refused what, get_budgets what the last hour has cost beside its limits.",
  ].join(" "),
  tools,
  async connect({ config }) {
    if (config.MCP_ETCD_URL === undefined) throw new PermanentError("MCP_ETCD_URL is not set: give this server's own etcd URL.");
    return { etcd: new EtcdGateway(config.MCP_ETCD_URL), trader: connectTrader(config), now: () => new Date() };
  },
  async readiness({ etcd }) {
    return await etcd.range(KILL_SWITCH_KEY).then(() => [], () => ["etcd"]);
  },
});
