import { call, getCode } from "viem/actions";
import { decodeFunctionResult, encodeFunctionData } from "viem/utils";
import { z } from "zod";
import { UserFault } from "../../../../kit/errors.ts";
import { defineTool } from "../../../../kit/tool.ts";
import { findItem, shortMessage, signatureOf } from "../../../shared/abi-items.ts";
import { valuesFromJson, valuesToJson } from "../../../shared/abi-values.ts";
import { ask, revertOf } from "../../../shared/evm-client.ts";
import { AbiArgs, AbiJson, Address, BlockRef, out, Quantity } from "../../../shared/evm-schemas.ts";
import { pinBlock } from "../blocks.ts";
import type { Deps } from "../deps.ts";

export const callContract = defineTool<Deps>()({
  name: "call_contract",
  title: "Call a contract",
  description: "Runs a contract's function by eth_call, without a transaction: nothing changes on chain. Encodes the arguments, decodes the answer, and reads the reason of a revert.",
  input: z.strictObject({
    to: Address.describe("The contract."),
    function: z.string().min(1).max(2_000).describe("Declaration as in `balanceOf(address owner) view returns (uint256)`; a name is enough with `abi`."),
    abi: AbiJson.optional().describe("The contract's JSON ABI; also names its custom errors in reverts."),
    args: AbiArgs.default([]).describe("Arguments. Integers as decimal or 0x strings, bytes as 0x hex, tuples as objects or arrays."),
    from: Address.optional().describe("msg.sender; the zero address when left out."),
    valueWei: Quantity.optional().describe("msg.value, decimal string in wei."),
    block: BlockRef.default("latest").describe("Block number or tag to run on."),
  }),
  output: z.object({
    status: z.enum(["returned", "reverted"]).describe("How the call ended."),
    blockNumber: out.blockNumber,
    function: z.string().describe("Canonical signature that was called."),
    outputs: z.array(z.object({
      name: z.string().describe("Name of the return value; may be empty."),
      type: z.string().describe("ABI type."),
      value: z.unknown().describe("Integers as decimal strings."),
    })).describe("Decoded return values; empty when it reverted or declares none."),
    raw: z.string().describe("Return or revert data, 0x-prefixed."),
    revertReason: z.string().nullable().describe("Text of a require, a panic in words, or a custom error of `abi`; written by the contract, so not to be trusted."),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  async handler(input, { deps, signal }) {
    const chain = deps.chain.scope({ signal });
    const item = findItem("function", input.function, input.abi);
    const data = encodeFunctionData({ abi: [item], functionName: item.name, args: valuesFromJson(item.inputs, input.args) });
    const { blockNumber } = await pinBlock(chain, input.block, signal);
    const answer = { blockNumber: Number(blockNumber), function: signatureOf(item), outputs: [], revertReason: null };
    let raw: `0x${string}`;
    try {
      const result = await call(chain, { to: input.to, data, blockNumber, ...(input.from ? { account: input.from } : {}), ...(input.valueWei === undefined ? {} : { value: input.valueWei }) });
      raw = result.data ?? "0x";
    } catch (error) {
      const revert = revertOf(error, input.abi);
      if (!revert) return await ask("the call", Promise.reject(error), signal);
      return { ...answer, status: "reverted" as const, raw: revert.data, revertReason: revert.reason };
    }
    if (raw === "0x" && item.outputs.length > 0) {
      const code = await ask("the code", getCode(chain, { address: input.to, blockNumber }), signal);
      throw new UserFault(code
        ? `${input.to} answered nothing, though ${signatureOf(item)} should return ${item.outputs.length} value(s): it has no such function and a fallback took the call. Check the ABI; a proxy wants its implementation's ABI.`
        : `There is no contract at ${input.to} in block ${blockNumber}. Check the address, the chain (get_chain_status) and the block.`);
    }
    try {
      const decoded = item.outputs.length === 0 ? [] : decodeFunctionResult({ abi: [item], functionName: item.name, data: raw });
      const values = item.outputs.length === 1 ? [decoded] : decoded as readonly unknown[];
      return { ...answer, status: "returned" as const, raw, outputs: valuesToJson(item.outputs, values) };
    } catch (error) {
      throw new UserFault(`The contract answered ${raw.length > 200 ? `${raw.slice(0, 200)}…` : raw}, which is not what ${signatureOf(item)} declares: ${shortMessage(error)} Correct the return types.`);
    }
  },
});
