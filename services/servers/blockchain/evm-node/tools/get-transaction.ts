import { getBlockNumber, getTransaction as readTransaction, getTransactionReceipt } from "viem/actions";
import { formatEther, getAddress } from "viem/utils";
import { z } from "zod";
import { UserFault } from "../../../../kit/errors.ts";
import { defineTool } from "../../../../kit/tool.ts";
import { ask } from "../../../shared/evm-client.ts";
import { Hash, out } from "../../../shared/evm-schemas.ts";
import { gweiOf } from "../blocks.ts";
import type { Deps } from "../deps.ts";

/** The answer, or null where the node knows of none. */
async function orNull<T>(answer: Promise<T>, absence: string): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if ((error as Error).name === absence) return null;
    throw error;
  }
}

export const getTransaction = defineTool<Deps>()({
  name: "get_transaction",
  title: "Read a transaction",
  description: "Reads a transaction and, once it is mined, its receipt: outcome, gas and fee paid, logs, contract created, confirmations.",
  input: z.strictObject({
    hash: Hash.describe("Transaction hash."),
    includeInput: z.boolean().default(true).describe("false leaves out the calldata, which can be long."),
  }),
  output: z.object({
    hash: out.hash,
    status: z.enum(["pending", "succeeded", "reverted"]).describe("pending: known to the node and not yet in a block."),
    blockNumber: z.int().nullable().describe("Block that holds it; null while pending."),
    confirmations: z.int().describe("Blocks since, its own included; 0 while pending."),
    from: out.address,
    to: z.string().nullable().describe("Recipient; null for a contract creation."),
    contractAddress: z.string().nullable().describe("Contract it created."),
    nonce: z.int().describe("Sender's nonce."),
    valueWei: out.wei,
    valueEther: z.string().describe("The value in ether, exact."),
    gasLimit: z.string().describe("Gas the sender allowed."),
    gasUsed: z.string().nullable().describe("Gas spent; null while pending."),
    effectiveGasPriceGwei: z.string().nullable().describe("Price per gas paid; null while pending."),
    feeWei: z.string().nullable().describe("gasUsed times price, in wei, without blob or L2 data fees; null while pending."),
    input: z.string().nullable().describe("Calldata; null when left out. Decode it with contract-workbench's decode_call."),
    logs: z.array(z.object({
      logIndex: z.int().describe("Position in the block."),
      address: out.address,
      topics: z.array(z.string()).describe("The first is the event's hash, unless anonymous."),
      data: out.hex,
    })).describe("Events emitted; the first 200."),
    logCount: z.int().describe("Events in all."),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  async handler({ hash, includeInput }, { deps, signal }) {
    const chain = deps.chain.scope({ signal });
    const [transaction, receipt, newest] = await ask("the transaction", Promise.all([
      orNull(readTransaction(chain, { hash }), "TransactionNotFoundError"),
      orNull(getTransactionReceipt(chain, { hash }), "TransactionReceiptNotFoundError"),
      getBlockNumber(chain, { cacheTime: 0 }),
    ]), signal);
    if (!transaction) throw new UserFault(`No transaction ${hash} is known on this chain: check get_chain_status for the chain id, or wait and ask again if it was just sent.`);
    const logs = receipt?.logs ?? [];
    return {
      hash: transaction.hash,
      status: receipt ? (receipt.status === "success" ? "succeeded" as const : "reverted" as const) : "pending" as const,
      blockNumber: receipt ? Number(receipt.blockNumber) : null,
      confirmations: receipt ? Math.max(1, Number(newest - receipt.blockNumber) + 1) : 0,
      from: getAddress(transaction.from),
      to: transaction.to && getAddress(transaction.to),
      contractAddress: receipt?.contractAddress ? getAddress(receipt.contractAddress) : null,
      nonce: transaction.nonce,
      valueWei: transaction.value.toString(),
      valueEther: formatEther(transaction.value),
      gasLimit: transaction.gas.toString(),
      gasUsed: receipt?.gasUsed.toString() ?? null,
      effectiveGasPriceGwei: receipt ? gweiOf(receipt.effectiveGasPrice) : null,
      feeWei: receipt ? (receipt.gasUsed * receipt.effectiveGasPrice).toString() : null,
      input: includeInput ? transaction.input : null,
      logs: logs.slice(0, 200).map((log) => ({ logIndex: log.logIndex, address: getAddress(log.address), topics: [...log.topics], data: log.data })),
      logCount: logs.length,
    };
  },
});
