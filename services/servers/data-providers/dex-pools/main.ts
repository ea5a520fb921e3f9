/** Pools of the market's exchanges: which there are, their exact state at a block, and what a swap gives. It reads only. */
import { runMcpServer } from "../../../kit/server.ts";
import { openMarket } from "../../shared/market/market-source.ts";
import type { Deps } from "./deps.ts";
import { tools } from "./tools.ts";

await runMcpServer<Deps>({
  name: "dex-pools",
  instructions: [
    "Pools of the Uniswap V2 and V3 exchanges on this chain. list_pools first, then get_pool or list_ticks for one, quote_swap for a size.",
    "Amounts are decimal strings in the token's smallest unit; answers name the block they hold for, and say when it is stale.",
    "Quotes are exact integers of that block, without a call to the pool. Nothing here signs or sends.",
  ].join(" "),
  tools,
  async connect({ config, redis }) {
    return { ...openMarket(config), redis: redis() };
  },
  async readiness({ reader }) {
    return await reader.latest().then(() => [], () => ["rpc"]);
  },
});
