/** Cycles that earn something, their best size in exact integers, and the lender that leaves most. It reads only. */
import { runMcpServer } from "../../../kit/server.ts";
import { openMarket } from "../../shared/market/market-source.ts";
import type { Deps } from "./deps.ts";
import { tools } from "./tools.ts";

await runMcpServer<Deps>({
  name: "arbitrage-scanner",
  instructions: [
    "Searches this chain's market for cycles of two to four swaps from the base token and back that earn something after premium and gas.",
    "scan_market searches the newest block; list_opportunities tells what the flash trader found; appraise_cycle and evaluate_size look at one cycle;",
    "bound_profit says what no trade can beat. Amounts are decimal strings in wei of the base token. Nothing here signs or sends.",
  ].join(" "),
  tools,
  async connect({ config, redis }) {
    return { ...openMarket(config), redis: redis() };
  },
  async readiness({ reader }) {
    return await reader.latest().then(() => [], () => ["rpc"]);
  },
});
