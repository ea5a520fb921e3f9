import { getBlock, getChainId } from "viem/actions";
import { z } from "zod";
import { defineTool } from "../../../../kit/tool.ts";
import { ask } from "../../../shared/evm-client.ts";
import { out } from "../../../shared/evm-schemas.ts";
import { gweiOf, isoOf } from "../blocks.ts";
import type { Deps } from "../deps.ts";

export const getChainStatus = defineTool<Deps>()({
  name: "get_chain_status",
  title: "Chain status",
  description: "Says which chain this server reads, its newest block and that block's age, the base fee, and whether the node is still syncing. Ask this first.",
  input: z.strictObject({}),
  output: z.object({
    chainId: z.int().describe("EIP-155 chain id; 31337 is a local devnet."),
    client: z.string().describe("Software of the node."),
    blockNumber: out.blockNumber,
    blockTime: z.string().describe("Timestamp of that block, ISO 8601."),
    blockAgeSeconds: z.int().describe("Seconds since that block by this server's clock; a devnet mines only when asked to."),
    finalizedBlockNumber: z.int().nullable().describe("Newest final block; null where the chain has no finality tag."),
    baseFeeGwei: z.string().nullable().describe("Base fee of the newest block; null before EIP-1559."),
    gasLimit: z.string().describe("Gas limit of the newest block."),
    syncing: z.boolean().describe("true: the node lags behind, so data are stale."),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  async handler(_input, { deps, signal }) {
    const chain = deps.chain.scope({ signal });
    const finalized = getBlock(chain, { blockTag: "finalized" }).then((block) => Number(block.number), () => null);
    const [chainId, client, block, finalizedBlockNumber, syncing] = await ask("the chain's status", Promise.all([
      getChainId(chain),
      chain.request({ method: "web3_clientVersion" }),
      getBlock(chain, { blockTag: "latest" }),
      finalized,
      chain.request({ method: "eth_syncing" }),
    ]), signal);
    return {
      chainId,
      client,
      blockNumber: Number(block.number),
      blockTime: isoOf(block.timestamp),
      blockAgeSeconds: Math.max(0, Math.floor(Date.now() / 1000) - Number(block.timestamp)),
      finalizedBlockNumber,
      baseFeeGwei: block.baseFeePerGas === null ? null : gweiOf(block.baseFeePerGas),
      gasLimit: block.gasLimit.toString(),
      syncing: syncing !== false,
    };
  },
});
