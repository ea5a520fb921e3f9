import type { Address } from "viem";
import { getAddress } from "viem/utils";
import { z } from "zod";
import { defineTool } from "../../../../kit/tool.ts";

export const checksumAddress = defineTool<null>()({
  name: "checksum_address",
  title: "Checksum an address",
  description: "Gives the EIP-55 form of an address (EIP-1191 with a chain id) and says whether the casing given was a right checksum, a wrong one, or none.",
  input: z.strictObject({
    address: z.string().regex(/^0x[0-9a-fA-F]{40}$/, "an address is 0x and 40 hexadecimal digits").describe("The address, in any casing."),
    chainId: z.int().min(1).optional().describe("Chain id for EIP-1191 (RSK: 30). Leave out for Ethereum and most chains."),
  }),
  output: z.object({
    address: z.string().describe("The checksummed address."),
    inputChecksum: z.enum(["valid", "wrong", "absent"]).describe("What the casing of the input says: wrong hints at a typing error; absent means all lower or all upper case."),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  async handler({ address, chainId }) {
    const checksummed = getAddress(address.toLowerCase() as Address, chainId);
    return { address: checksummed, inputChecksum: casing(address, checksummed) };
  },
});

function casing(given: string, checksummed: string): "valid" | "wrong" | "absent" {
  if (given === checksummed) return "valid";
  const digits = given.slice(2);
  return digits === digits.toLowerCase() || digits === digits.toUpperCase() ? "absent" : "wrong";
}
