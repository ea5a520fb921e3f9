import { getBlock as readBlock } from "viem/actions";
import { getAddress } from "viem/utils";
import { z } from "zod";
import { UserFault } from "../../../../kit/errors.ts";
import { defineTool } from "../../../../kit/tool.ts";
import { ask } from "../../../shared/evm-client.ts";
import { BlockRef, Hash, out } from "../../../shared/evm-schemas.ts";
import { findBlock, gweiOf, isoOf } from "../blocks.ts";
import type { Deps } from "../deps.ts";

export const getBlock = defineTool<Deps>()({
  name: "get_block",
  title: "Read a block",
  description: "Reads a block by number, tag or hash: time, gas, base fee and the hashes of its transactions, in pages of up to 500.",
  input: z.strictObject({
    block: BlockRef.optional().describe("Block number, or latest (default), safe, finalized, earliest, pending."),
    hash: Hash.optional().describe("Block hash, instead of `block`."),
    transactionsFrom: z.int().min(0).default(0).describe("Index of the first transaction hash wanted."),
    transactionsLimit: z.int().min(0).max(500).default(100).describe("Number of transaction hashes wanted."),
  }),
  output: z.object({
    blockNumber: z.int().nullable().describe("Block number; null for the pending block of some nodes."),
    hash: z.string().nullable().describe("Block hash; null while pending."),
    parentHash: out.hash,
    time: z.string().describe("Timestamp, ISO 8601."),
    unixSeconds: z.int().describe("Timestamp as contracts see it."),
    miner: out.address,
    gasUsed: z.string().describe("Gas used by all transactions."),
    gasLimit: z.string().describe("Gas limit."),
    baseFeeGwei: z.string().nullable().describe("Base fee per gas; null before EIP-1559."),
    transactionCount: z.int().describe("Transactions in the block."),
    transactions: z.array(z.string()).describe("Hashes, in the block's order."),
    nextTransactionsFrom: z.int().nullable().describe("Give it as transactionsFrom for the next page; null on the last."),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  async handler({ block: ref, hash, transactionsFrom, transactionsLimit }, { deps, signal }) {
    if (ref !== undefined && hash !== undefined) throw new UserFault("Give block or hash, not both.");
    const chain = deps.chain.scope({ signal });
    const block = hash ? await byHash(readBlock(chain, { blockHash: hash }), hash, signal) : await findBlock(chain, ref ?? "latest", signal);
    const end = transactionsFrom + transactionsLimit;
    return {
      blockNumber: block.number === null ? null : Number(block.number),
      hash: block.hash,
      parentHash: block.parentHash,
      time: isoOf(block.timestamp),
      unixSeconds: Number(block.timestamp),
      miner: getAddress(block.miner),
      gasUsed: block.gasUsed.toString(),
      gasLimit: block.gasLimit.toString(),
      baseFeeGwei: block.baseFeePerGas === null ? null : gweiOf(block.baseFeePerGas),
      transactionCount: block.transactions.length,
      transactions: (block.transactions as string[]).slice(transactionsFrom, end),
      nextTransactionsFrom: end < block.transactions.length ? end : null,
    };
  },
});

async function byHash<T>(found: Promise<T>, hash: string, signal: AbortSignal): Promise<T> {
  return ask("the block", found.catch((error: Error) => {
    if (error.name === "BlockNotFoundError") throw new UserFault(`No block has the hash ${hash}: it may have been replaced in a reorganisation, or belong to another chain. Look it up by number.`);
    throw error;
  }), signal);
}
