import { getStorageAt } from "viem/actions";
import { encodeAbiParameters, keccak256, numberToHex } from "viem/utils";
import { z } from "zod";
import { defineTool } from "../../../../kit/tool.ts";
import { ask } from "../../../shared/evm-client.ts";
import { Address, BlockRef, Hash, out, Quantity } from "../../../shared/evm-schemas.ts";
import { isoOf, pinBlock } from "../blocks.ts";
import type { Deps } from "../deps.ts";

export const getStorage = defineTool<Deps>()({
  name: "get_storage",
  title: "Read storage",
  description: "Reads up to 50 words of a contract's storage at one block: a slot by its number or hash, or an entry of a mapping by the mapping's slot and the key.",
  input: z.strictObject({
    address: Address.describe("Contract to read."),
    slots: z.array(z.union([
      Quantity.describe("Number of the slot, a decimal string."),
      Hash.describe("The slot itself, 32 bytes."),
      z.strictObject({
        mappingSlot: Quantity.describe("Number of the mapping's own slot."),
        key: z.union([Address, Hash]).describe("Key of the entry: an address, or 32 bytes."),
      }),
    ])).min(1).max(50).describe("Slots, in any of the three forms; names and layout are in the compiler's output."),
    block: BlockRef.default("latest").describe("Block number or tag; old blocks want an archive node."),
  }),
  output: z.object({
    address: out.address,
    blockNumber: out.blockNumber,
    blockTime: z.string().describe("Timestamp of that block, ISO 8601."),
    words: z.array(z.object({ slot: out.hash, value: out.hash, number: z.string().describe("The word as an unsigned decimal number.") })).describe("In the order asked for."),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  async handler({ address, slots, block }, { deps, signal }) {
    const chain = deps.chain.scope({ signal });
    const { blockNumber, timestamp } = await pinBlock(chain, block, signal);
    const places = slots.map((slot) => {
      if (typeof slot === "string") return slot;
      if (typeof slot === "bigint") return numberToHex(slot, { size: 32 });
      // Solidity, "Layout of State Variables in Storage": keccak256(key . slot), the key padded to 32 bytes.
      return keccak256(encodeAbiParameters([{ type: "uint256" }, { type: "uint256" }], [BigInt(slot.key), slot.mappingSlot]));
    });
    const words = await ask("the storage", Promise.all(places.map(async (slot) => await getStorageAt(chain, { address, slot, blockNumber }) ?? "0x0")), signal);
    return {
      address, blockNumber: Number(blockNumber), blockTime: isoOf(timestamp),
      words: words.map((word, at) => ({ slot: places[at]!, value: numberToHex(BigInt(word), { size: 32 }), number: String(BigInt(word)) })),
    };
  },
});
