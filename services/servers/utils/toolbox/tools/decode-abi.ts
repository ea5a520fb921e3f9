import { decodeAbiParameters, encodeAbiParameters, size } from "viem/utils";
import { z } from "zod";
import { UserFault } from "../../../../kit/errors.ts";
import { defineTool } from "../../../../kit/tool.ts";
import { parameters, shortMessage } from "../../../shared/abi-items.ts";
import { valuesToJson } from "../../../shared/abi-values.ts";
import { Hex } from "../../../shared/evm-schemas.ts";

export const decodeAbi = defineTool<null>()({
  name: "decode_abi",
  title: "Decode ABI data",
  description: "Decodes abi.encode data by Solidity types. Calldata starts with a selector of four bytes: cut it off first, or use contract-workbench's decode_call.",
  input: z.strictObject({
    types: z.string().min(1).max(4_000).describe("Types as in Solidity, names optional: `uint256 amount, (address a, bool b)[] items`."),
    data: Hex.describe("The encoded bytes, 0x-prefixed."),
  }),
  output: z.object({
    values: z.array(z.object({
      name: z.string().describe("Parameter name; empty where the types give none."),
      type: z.string().describe("ABI type."),
      value: z.unknown().describe("Integers as decimal strings, bytes as 0x hex, tuples as objects or arrays."),
    })).describe("One entry per type, in order."),
    canonical: z.boolean().describe("Encoding the values again gives the same bytes; false where data trails or offsets are unusual."),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  async handler({ types, data }) {
    const params = parameters(types);
    try {
      const values = decodeAbiParameters(params, data) as readonly unknown[];
      return { values: valuesToJson(params, values), canonical: encodeAbiParameters(params, values) === data };
    } catch (error) {
      const remainder = size(data) % 32;
      const hint = remainder === 4
        ? " The length leaves 4 bytes over a multiple of 32, as calldata does: cut the selector off, or use contract-workbench's decode_call."
        : "";
      throw new UserFault(`The data (${size(data)} bytes) does not decode as (${types}): ${shortMessage(error)}${hint}`);
    }
  },
});
