/** State of an EVM chain: blocks, transactions, balances, calls, logs and gas. It reads only. */
import { getBlockNumber } from "viem/actions";
import { runMcpServer } from "../../../kit/server.ts";
import { connectChain, rpcUrl } from "../../shared/evm-client.ts";
import type { Deps } from "./deps.ts";
import { tools } from "./tools.ts";

await runMcpServer<Deps>({
  name: "evm-node",
  instructions: [
    "Reads one EVM chain. Ask get_chain_status first: it says which chain this is and how old its newest block is.",
    "Amounts in fields ending in Wei are decimal strings in wei. Every answer names the block it holds for;",
    "pass that number as block to read more of the same state. Nothing here signs or sends.",
  ].join(" "),
  tools,
  async connect({ config }) {
    return { chain: connectChain(rpcUrl(config)) };
  },
  async readiness({ chain }) {
    return await getBlockNumber(chain, { cacheTime: 1_000 }).then(() => [], () => ["rpc"]);
  },
});
