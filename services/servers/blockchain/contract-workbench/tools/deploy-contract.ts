import type { Address as EvmAddress, Hex } from "viem";
import { estimateGas, getChainId, getFeeHistory, getTransactionCount, waitForTransactionReceipt } from "viem/actions";
import { getAddress, getCreateAddress, numberToHex } from "viem/utils";
import { z } from "zod";
import { UserFault } from "../../../../kit/errors.ts";
import { defineTool } from "../../../../kit/tool.ts";
import { ask, revertOf, type ChainClient } from "../../../shared/evm-client.ts";
import { AbiArgs, Address, out, Quantity } from "../../../shared/evm-schemas.ts";
import { CodeInput, creationCode, deploymentData } from "../contract-code.ts";
import type { Deps } from "../deps.ts";
import { devnetAccounts } from "../devnet.ts";

/** Added to the estimate, because state moves between it and the block. */
const GAS_MARGIN_PERCENT = 20n;

export const deployContract = defineTool<Deps>()({
  name: "deploy_contract",
  title: "Deploy a contract",
  description: "Prepares the deployment of a contract as an unsigned transaction for a wallet to sign. With send: true it deploys on the local devnet, from one of its unlocked accounts; on any other chain nothing is ever sent.",
  input: z.strictObject({
    ...CodeInput,
    args: AbiArgs.default([]).describe("Constructor arguments."),
    from: Address.optional().describe("Deployer; with send: true an unlocked devnet account, the first when left out."),
    valueWei: Quantity.prefault("0").describe("Ether for a payable constructor, decimal string in wei."),
    send: z.boolean().default(false).describe("Deploy now, on the devnet only."),
  }),
  output: z.object({
    sent: z.boolean().describe("false: nothing has happened on chain."),
    transaction: z.object({
      chainId: z.int().describe("Chain it is made for."),
      from: z.string().nullable().describe("Deployer; null when left out."),
      nonce: z.int().nullable().describe("The deployer's next nonce; null without one."),
      data: out.hex,
      valueWei: out.wei,
      gas: z.string().describe("Gas limit: the estimate and 20 percent."),
      maxFeePerGasWei: out.wei,
      maxPriorityFeePerGasWei: out.wei,
    }).describe("An EIP-1559 transaction without recipient, unsigned."),
    contractAddress: z.string().nullable().describe("Where the contract lands if that nonce is used; null without a deployer."),
    receipt: z.object({
      transactionHash: out.hash,
      blockNumber: out.blockNumber,
      gasUsed: z.string().describe("Gas spent."),
    }).nullable().describe("What was mined; null when nothing was sent."),
  }),
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
  async handler(input, { deps, signal }) {
    const chain = deps.chain.scope({ signal });
    const chainId = await ask("the chain id", getChainId(chain), signal);
    const from = input.send ? await sender(deps, chain, chainId, input.from, signal) : input.from;
    const creation = await creationCode(deps, input, signal);
    const data = deploymentData(creation, input.args);
    const [gas, fees, nonce] = await Promise.all([
      deploymentGas(chain, { data, from, value: input.valueWei, abi: creation.abi }, signal),
      ask("the fee history", getFeeHistory(chain, { blockCount: 1, rewardPercentiles: [50] }), signal),
      from ? ask("the nonce", getTransactionCount(chain, { address: from, blockTag: "pending" }), signal) : null,
    ]);
    const tip = fees.reward?.at(-1)?.[0] ?? 0n;
    const maxFee = 2n * (fees.baseFeePerGas.at(-1) ?? 0n) + tip;
    const transaction = {
      chainId, from: from ?? null, nonce, data, valueWei: input.valueWei.toString(), gas: gas.toString(),
      maxFeePerGasWei: maxFee.toString(), maxPriorityFeePerGasWei: tip.toString(),
    };
    const contractAddress = from && nonce !== null ? getCreateAddress({ from, nonce: BigInt(nonce) }) : null;
    if (!input.send || !from) return { sent: false, transaction, contractAddress, receipt: null };

    const hash = await ask("the deployment", chain.request({
      method: "eth_sendTransaction",
      params: [{ from, data, value: numberToHex(input.valueWei), gas: numberToHex(gas), nonce: numberToHex(nonce!), maxFeePerGas: numberToHex(maxFee), maxPriorityFeePerGas: numberToHex(tip) }],
    }), signal);
    const receipt = await ask(`the receipt of ${hash}`, waitForTransactionReceipt(chain, { hash, timeout: 30_000 }), signal);
    if (receipt.status !== "success") throw new UserFault(`The deployment ${hash} was mined in block ${receipt.blockNumber} and reverted. Look at it with evm-node's get_transaction.`);
    return {
      sent: true, transaction,
      contractAddress: receipt.contractAddress ? getAddress(receipt.contractAddress) : contractAddress,
      receipt: { transactionHash: hash, blockNumber: Number(receipt.blockNumber), gasUsed: receipt.gasUsed.toString() },
    };
  },
});

/** @throws {UserFault} unless the chain is the devnet and the account one that it signs for */
async function sender(deps: Deps, chain: ChainClient, chainId: number, wanted: EvmAddress | undefined, signal: AbortSignal): Promise<EvmAddress> {
  const accounts = await devnetAccounts(deps, chain, chainId, signal);
  const from = wanted ?? accounts[0]!;
  if (!accounts.includes(from)) throw new UserFault(`${from} is not unlocked on the devnet. Leave from out, or take one of ${accounts.join(", ")}.`);
  return from;
}

async function deploymentGas(chain: ChainClient, { data, from, value, abi }: { data: Hex; from: EvmAddress | undefined; value: bigint; abi: readonly unknown[] }, signal: AbortSignal): Promise<bigint> {
  try {
    const gas = await estimateGas(chain, { data, value, ...(from ? { account: from } : {}) });
    return gas + (gas * GAS_MARGIN_PERCENT) / 100n;
  } catch (error) {
    const revert = revertOf(error, abi);
    if (!revert) return await ask("the estimate", Promise.reject(error), signal);
    throw new UserFault(`The constructor reverts${revert.reason ? `: ${JSON.stringify(revert.reason.slice(0, 200))}` : " without a reason"}. Check its arguments, the value and the sender.`);
  }
}
