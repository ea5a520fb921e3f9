import type { AbiFunction } from "viem";
import { decodeFunctionData, size, slice, toFunctionSelector } from "viem/utils";
import { z } from "zod";
import { UserFault } from "../../../../kit/errors.ts";
import { defineTool } from "../../../../kit/tool.ts";
import { checkedAbi, findItem, shortMessage, signatureOf } from "../../../shared/abi-items.ts";
import { valuesToJson } from "../../../shared/abi-values.ts";
import { AbiJson, Hex } from "../../../shared/evm-schemas.ts";

export const decodeCall = defineTool<unknown>()({
  name: "decode_call",
  title: "Decode calldata",
  description: "Reads calldata: which function it calls, and with what arguments, by the contract's ABI or by one declaration.",
  input: z.strictObject({
    data: Hex.describe("Calldata, beginning with the 4-byte selector."),
    abi: AbiJson.optional().describe("JSON ABI whose functions may be called."),
    function: z.string().min(1).max(2_000).optional().describe("One declaration instead of `abi`, as in `transfer(address to, uint256 amount)`."),
  }),
  output: z.object({
    function: z.string().describe("Name of the function."),
    signature: z.string().describe("Canonical signature."),
    selector: z.string().describe("The first 4 bytes."),
    args: z.array(z.object({
      name: z.string().describe("Parameter name; may be empty."),
      type: z.string().describe("ABI type."),
      value: z.unknown().describe("Integers as decimal strings, tuples as objects or arrays."),
    })).describe("Arguments in order."),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  async handler({ data, abi, function: text }) {
    if ((abi === undefined) === (text === undefined)) throw new UserFault("Give exactly one of abi and function.");
    if (size(data) < 4) throw new UserFault(`Calldata begins with a selector of 4 bytes; this has ${size(data)}. A plain transfer of ether has none, and calls no function.`);
    const selector = slice(data, 0, 4);
    const candidates = text ? [findItem("function", text)] : checkedAbi(abi!).filter((item): item is AbiFunction => item.type === "function");
    const item = candidates.find((candidate) => toFunctionSelector(candidate) === selector);
    if (!item) {
      throw new UserFault(`No function here has the selector ${selector} (${candidates.slice(0, 12).map((candidate) => `${signatureOf(candidate)} ${toFunctionSelector(candidate)}`).join(", ") || "none given"}). Pass the ABI of the contract that was called; behind a proxy that is the implementation's.`);
    }
    try {
      const { args } = decodeFunctionData({ abi: [item], data }) as { args?: readonly unknown[] };
      return { function: item.name, signature: signatureOf(item), selector, args: valuesToJson(item.inputs, args ?? []) };
    } catch (error) {
      throw new UserFault(`The selector is ${signatureOf(item)}'s, but the arguments do not decode: ${shortMessage(error)}`);
    }
  },
});
