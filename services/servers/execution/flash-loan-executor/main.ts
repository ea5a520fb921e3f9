/** Plans, rehearses and asks for flash-loan trades. It holds no key: what is sent, the flash trader sends, through all its gates. */
import { runMcpServer } from "../../../kit/server.ts";
import { openMarket } from "../../shared/market/market-source.ts";
import { connectTrader } from "../../shared/trader-client.ts";
import type { Deps } from "./deps.ts";
import { tools } from "./tools.ts";

await runMcpServer<Deps>({
  name: "flash-loan-executor",
  instructions: [
    "Flash-loan trades on this chain. plan_trade makes an unsigned transaction, simulate_trade runs it on the newest block without sending,",
    "get_trader_state, list_trades and get_trade show what the flash trader does and what its books say.",
    "execute_trade has the flash trader send the next opportunity that passes all its gates, once: only for administrators, only where the deployment allows live trades.",
  ].join(" "),
  tools,
  async connect({ config }) {
    return { ...openMarket(config), trader: connectTrader(config) };
  },
  async readiness({ reader }) {
    return await reader.latest().then(() => [], () => ["rpc"]);
  },
});
