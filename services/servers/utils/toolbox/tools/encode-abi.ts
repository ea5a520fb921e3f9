import { encodeAbiParameters, encodePacked, size } from "viem/utils";
import { z } from "zod";
import { UserFault } from "../../../../kit/errors.ts";
import { defineTool } from "../../../../kit/tool.ts";
import { parameters, shortMessage } from "../../../shared/abi-items.ts";
import { valuesFromJson } from "../../../shared/abi-values.ts";
import { AbiArgs } from "../../../shared/evm-schemas.ts";

export const encodeAbi = defineTool<null>()({
  name: "encode_abi",
  title: "ABI-encode values",
  description: "Encodes values by Solidity types, as abi.encode does, or as abi.encodePacked does with packed: true. To build calldata use contract-workbench's encode_call.",
  input: z.strictObject({
    types: z.string().max(4_000).describe("Types as in Solidity, names optional: `address to, uint256[] amounts, (uint256 x, bool y) point`."),
    values: AbiArgs.describe("One value per type. Integers as decimal or 0x strings, bytes as 0x hex, tuples as objects or arrays."),
    packed: z.boolean().default(false).describe("Packed encoding: no padding, no lengths; ambiguous, so only for hashing."),
  }),
  output: z.object({
    data: z.string().describe("The encoding, 0x-prefixed."),
    byteLength: z.int().describe("Its length in bytes."),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  async handler({ types, values, packed }) {
    const params = parameters(types);
    const converted = valuesFromJson(params, values, "values");
    if (packed && params.some((param) => param.type.startsWith("tuple") || /\].*\[/.test(param.type))) {
      throw new UserFault("Packed encoding knows no tuples and no nested arrays, as in Solidity. Encode their fields one by one, or leave packed out.");
    }
    try {
      const data = packed
        ? encodePacked(params.map((param) => param.type), converted)
        : encodeAbiParameters(params, converted);
      return { data, byteLength: size(data) };
    } catch (error) {
      throw new UserFault(`Cannot encode (${types}): ${shortMessage(error)}`);
    }
  },
});
