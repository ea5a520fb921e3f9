import { decodeFunctionResult } from "viem/utils";
import { z } from "zod";
import { UserFault } from "../../../../kit/errors.ts";
import { defineTool } from "../../../../kit/tool.ts";
import { findItem, shortMessage, signatureOf } from "../../../shared/abi-items.ts";
import { valuesToJson } from "../../../shared/abi-values.ts";
import { readRevert } from "../../../shared/evm-client.ts";
import { AbiJson, Hex } from "../../../shared/evm-schemas.ts";

export const decodeOutput = defineTool<unknown>()({
  name: "decode_output",
  title: "Decode return or revert data",
  description: "Reads what a function returned, or with reverted: true why it reverted: a require's text, a panic, or a custom error of the ABI.",
  input: z.strictObject({
    data: Hex.describe("Return data or revert data."),
    function: z.string().min(1).max(2_000).optional().describe("The function that answered, with its return types: `balanceOf(address) view returns (uint256 balance)`; a name is enough with `abi`. Not needed with reverted: true."),
    abi: AbiJson.optional().describe("JSON ABI with the function and the custom errors."),
    reverted: z.boolean().default(false).describe("The data come from a revert."),
  }),
  output: z.object({
    outputs: z.array(z.object({
      name: z.string().describe("Name of the return value; may be empty."),
      type: z.string().describe("ABI type."),
      value: z.unknown().describe("Integers as decimal strings, tuples as objects or arrays."),
    })).describe("Return values; empty for a revert."),
    revertReason: z.string().nullable().describe("Why it reverted; null for a return, and where neither the ABI nor Solidity's own errors explain the data."),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  async handler({ data, function: text, abi, reverted }) {
    if (reverted) return { outputs: [], revertReason: readRevert(data, abi).reason };
    if (!text) throw new UserFault("Give the function whose answer this is, with its return types; or reverted: true.");
    const item = findItem("function", text, abi);
    if (item.outputs.length === 0) throw new UserFault(`${signatureOf(item)} declares no return values: add them, as in \`returns (uint256)\`.`);
    try {
      const decoded = decodeFunctionResult({ abi: [item], functionName: item.name, data });
      return { outputs: valuesToJson(item.outputs, item.outputs.length === 1 ? [decoded] : decoded as readonly unknown[]), revertReason: null };
    } catch (error) {
      const revert = readRevert(data, abi).reason;
      const hint = revert ? ` It reads as revert data (${revert}): set reverted to true.` : "";
      throw new UserFault(`The data are not what ${signatureOf(item)} declares: ${shortMessage(error)}${hint}`);
    }
  },
});
