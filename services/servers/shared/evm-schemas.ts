/** Parameter and result schemas that the EVM tools share: one spelling of addresses, hex and quantities. */
import type { Address as EvmAddress, Hex as EvmHex } from "viem";
import { getAddress, isAddress } from "viem/utils";
import { z } from "zod";

/** 20 bytes; lower case or a right EIP-55 checksum. Parsed to the checksummed form. */
export const Address = z.string()
  .regex(/^0x[0-9a-fA-F]{40}$/, "an address is 0x and 40 hexadecimal digits")
  .refine((text) => isAddress(text), "the EIP-55 checksum is wrong: copy the address again, or give it in lower case if you are sure of it")
  .transform((text): EvmAddress => getAddress(text));

/** Bytes as 0x and an even number of hexadecimal digits; parsed to lower case. */
export const Hex = z.string()
  .regex(/^0x([0-9a-fA-F]{2})*$/, "bytes are 0x and an even number of hexadecimal digits")
  .transform((text) => text.toLowerCase() as EvmHex);

/** 32 bytes. */
export const Hash = z.string()
  .regex(/^0x[0-9a-fA-F]{64}$/, "a hash is 0x and 64 hexadecimal digits")
  .transform((text) => text.toLowerCase() as EvmHex);

/** An amount in the smallest unit: a decimal string, because JSON numbers lose precision above 2^53. */
export const Quantity = z.string()
  .regex(/^\d{1,78}$/, "a whole number as a decimal string, in the smallest unit (wei)")
  .transform((text) => BigInt(text));

export const BLOCK_TAGS = ["latest", "safe", "finalized", "earliest", "pending"] as const;

/** A block by number or by tag. */
export const BlockRef = z.union([z.int().min(0), z.enum(BLOCK_TAGS)]);
export type BlockRef = z.output<typeof BlockRef>;

/** How viem's actions want a block: `blockNumber` or `blockTag`, never both. */
export const blockArgs = (block: BlockRef) =>
  typeof block === "number" ? { blockNumber: BigInt(block) } as const : { blockTag: block } as const;

/** Function or event as human-readable ABI or as its entry of a JSON ABI. */
export const AbiJson = z.array(z.record(z.string(), z.unknown())).max(2_000);

/** Values for ABI parameters; integers of any size as decimal or 0x strings, tuples as objects or arrays. */
export const AbiArgs = z.array(z.unknown()).max(256);

/** Result fields. */
export const out = {
  address: z.string().describe("EIP-55 checksummed address."),
  hash: z.string().describe("32 bytes, 0x-prefixed."),
  hex: z.string().describe("Bytes, 0x-prefixed."),
  wei: z.string().describe("Decimal string, in wei."),
  gwei: z.string().describe("Decimal string, in gwei."),
  blockNumber: z.int().describe("Block the answer holds for."),
};
