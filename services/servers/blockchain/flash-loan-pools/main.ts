/** Who lends for the length of a transaction: liquidity, premium with its rounding, what may not be a leg. It reads only. */
import { runMcpServer } from "../../../kit/server.ts";
import { openMarket } from "../../shared/market/market-source.ts";
import type { Deps } from "./deps.ts";
import { tools } from "./tools.ts";

await runMcpServer<Deps>({
  name: "flash-loan-pools",
  instructions: [
    "Flash-loan lenders on this chain: Aave V3, Balancer V2, Uniswap V2 pairs and V3 pools, all for the base token.",
    "list_lenders first; quote_loan for one loan to the wei, compare_lenders for the cheapest with gas, check_loan for a cycle.",
    "Amounts are decimal strings in wei of the base token; answers name their block. Nothing here signs or sends.",
  ].join(" "),
  tools,
  async connect({ config }) {
    return openMarket(config);
  },
  async readiness({ reader }) {
    return await reader.latest().then(() => [], () => ["rpc"]);
  },
});
