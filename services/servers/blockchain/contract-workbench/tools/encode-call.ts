import { encodeFunctionData, size, toFunctionSelector } from "viem/utils";
import { z } from "zod";
import { defineTool } from "../../../../kit/tool.ts";
import { findItem, signatureOf } from "../../../shared/abi-items.ts";
import { valuesFromJson } from "../../../shared/abi-values.ts";
import { AbiArgs, AbiJson } from "../../../shared/evm-schemas.ts";

export const encodeCall = defineTool<unknown>()({
  name: "encode_call",
  title: "Encode a call",
  description: "Builds the calldata of a function call: selector and ABI-encoded arguments. Nothing is sent.",
  input: z.strictObject({
    function: z.string().min(1).max(2_000).describe("Declaration as in `transfer(address to, uint256 amount)`; a name is enough with `abi`."),
    abi: AbiJson.optional().describe("JSON ABI that the function is looked up in."),
    args: AbiArgs.default([]).describe("Arguments. Integers as decimal or 0x strings, bytes as 0x hex, tuples as objects or arrays."),
  }),
  output: z.object({
    data: z.string().describe("Calldata, 0x-prefixed."),
    selector: z.string().describe("Its first 4 bytes."),
    signature: z.string().describe("Canonical signature."),
    byteLength: z.int().describe("Length in bytes."),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  async handler({ function: text, abi, args }) {
    const item = findItem("function", text, abi);
    const data = encodeFunctionData({ abi: [item], functionName: item.name, args: valuesFromJson(item.inputs, args) });
    return { data, selector: toFunctionSelector(item), signature: signatureOf(item), byteLength: size(data) };
  },
});
