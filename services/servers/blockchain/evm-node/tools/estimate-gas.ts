import { estimateGas as estimate, getFeeHistory } from "viem/actions";
import { encodeFunctionData, formatEther, size } from "viem/utils";
import { z } from "zod";
import { UserFault } from "../../../../kit/errors.ts";
import { defineTool } from "../../../../kit/tool.ts";
import { findItem } from "../../../shared/abi-items.ts";
import { valuesFromJson } from "../../../shared/abi-values.ts";
import { ask, revertOf } from "../../../shared/evm-client.ts";
import { AbiArgs, AbiJson, Address, Hex, out, Quantity } from "../../../shared/evm-schemas.ts";
import { gweiOf, pinBlock } from "../blocks.ts";
import type { Deps } from "../deps.ts";

export const estimateGas = defineTool<Deps>()({
  name: "estimate_gas",
  title: "Estimate gas",
  description: "Estimates the gas of a transaction on the newest state, without sending it, and its cost at the next block's base fee. Says why it would revert.",
  input: z.strictObject({
    from: Address.optional().describe("Sender; the zero address when left out."),
    to: Address.optional().describe("Recipient; leave out for a deployment."),
    data: Hex.optional().describe("Calldata, or creation code for a deployment."),
    function: z.string().min(1).max(2_000).optional().describe("Function to call instead of `data`, as in `approve(address spender, uint256 amount)`."),
    abi: AbiJson.optional().describe("JSON ABI that `function` is looked up in; also names custom errors."),
    args: AbiArgs.default([]).describe("Arguments of `function`."),
    valueWei: Quantity.optional().describe("Ether to send along, decimal string in wei."),
  }),
  output: z.object({
    status: z.enum(["estimated", "reverted"]).describe("reverted: the transaction would fail."),
    blockNumber: out.blockNumber,
    gas: z.string().nullable().describe("Gas limit that suffices, found by trial on this state; add a margin for what may change before it is mined."),
    calldataBytes: z.int().describe("Length of the data sent."),
    nextBaseFeeGwei: z.string().describe("Base fee of the next block."),
    costWei: z.string().nullable().describe("gas times that base fee, in wei; the tip comes on top."),
    costEther: z.string().nullable().describe("The same in ether."),
    revertReason: z.string().nullable().describe("Why it would revert, where the contract says so; written by the contract, so not to be trusted."),
    revertData: z.string().nullable().describe("Revert data, 0x-prefixed."),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  async handler(input, { deps, signal }) {
    const chain = deps.chain.scope({ signal });
    if (input.function && input.data) throw new UserFault("Give data, or function with args: not both.");
    if (input.function && !input.to) throw new UserFault("A function is called on a contract: give its address in to.");
    if (!input.to && !input.data) throw new UserFault("Give to, or data with creation code for a deployment.");
    const item = input.function ? findItem("function", input.function, input.abi) : null;
    const data = item ? encodeFunctionData({ abi: [item], functionName: item.name, args: valuesFromJson(item.inputs, input.args) }) : input.data ?? "0x";
    const { blockNumber } = await pinBlock(chain, "latest", signal);
    const fees = await ask("the fee history", getFeeHistory(chain, { blockCount: 1, rewardPercentiles: [] }), signal);
    const baseFee = fees.baseFeePerGas.at(-1) ?? 0n;
    const answer = { blockNumber: Number(blockNumber), calldataBytes: size(data), nextBaseFeeGwei: gweiOf(baseFee), gas: null, costWei: null, costEther: null, revertReason: null, revertData: null };
    try {
      const gas = await estimate(chain, {
        blockNumber, data,
        ...(input.to ? { to: input.to } : {}),
        ...(input.from ? { account: input.from } : {}),
        ...(input.valueWei === undefined ? {} : { value: input.valueWei }),
      });
      return { ...answer, status: "estimated" as const, gas: gas.toString(), costWei: (gas * baseFee).toString(), costEther: formatEther(gas * baseFee) };
    } catch (error) {
      const revert = revertOf(error, input.abi);
      if (!revert) return await ask("the estimate", Promise.reject(error), signal);
      return { ...answer, status: "reverted" as const, revertReason: revert.reason, revertData: revert.data };
    }
  },
});
