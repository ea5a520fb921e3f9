/** Solidity at work: compile, encode, decode, deploy, verify, and measure gas. */
import { getBlockNumber } from "viem/actions";
import { runMcpServer } from "../../../kit/server.ts";
import { connectChain, rpcUrl } from "../../shared/evm-client.ts";
import { Compiler } from "./compiler.ts";
import type { Deps } from "./deps.ts";
import { tools } from "./tools.ts";

await runMcpServer<Deps>({
  name: "contract-workbench",
  instructions: [
    "Works on Solidity contracts. Sources travel in the request; imports resolve among them only.",
    "Usual way: compile_solidity until ok, report_gas, deploy_contract, then verify_bytecode.",
    "deploy_contract prepares an unsigned transaction, and sends only on the local devnet with send: true.",
  ].join(" "),
  tools,
  async connect({ config, onClose }) {
    const compiler = new Compiler();
    onClose(() => compiler.close());
    return { compiler, chain: connectChain(rpcUrl(config)), devnetChainId: config.MCP_DEVNET_CHAIN_ID ?? null };
  },
  async readiness({ chain }) {
    return await getBlockNumber(chain, { cacheTime: 1_000 }).then(() => [], () => ["rpc"]);
  },
});
