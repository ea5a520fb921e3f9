import { getCode as readCode, getStorageAt } from "viem/actions";
import { getAddress, keccak256, size, slice } from "viem/utils";
import type { Hex } from "viem";
import { z } from "zod";
import { defineTool } from "../../../../kit/tool.ts";
import { ask } from "../../../shared/evm-client.ts";
import { Address, BlockRef, out } from "../../../shared/evm-schemas.ts";
import { isoOf, pinBlock } from "../blocks.ts";
import type { Deps } from "../deps.ts";

/** keccak256("eip1967.proxy.implementation") - 1: EIP-1967. */
const IMPLEMENTATION_SLOT = "0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc";
/** A minimal proxy's code around the address it calls: EIP-1167. */
const MINIMAL_PROXY = /^0x363d3d373d3d3d363d73([0-9a-f]{40})5af43d82803e903d91602b57fd5bf3$/;
/** What an account holds that has delegated to a contract: EIP-7702. */
const DELEGATION = /^0xef0100([0-9a-f]{40})$/;

export const getCode = defineTool<Deps>()({
  name: "get_code",
  title: "Read code",
  description: "Reads the code of an account: its size and hash, whether it is a proxy and of what (EIP-1167, EIP-1967, EIP-7702), and the bytes where they are asked for.",
  input: z.strictObject({
    address: Address.describe("Account to read."),
    withCode: z.boolean().default(false).describe("Also the bytes themselves, 24 kB at most."),
    block: BlockRef.default("latest").describe("Block number or tag; old blocks want an archive node."),
  }),
  output: z.object({
    address: out.address,
    blockNumber: out.blockNumber,
    blockTime: z.string().describe("Timestamp of that block, ISO 8601."),
    isContract: z.boolean().describe("There is code at the address."),
    sizeBytes: z.int(),
    codeHash: z.string().nullable().describe("keccak256 of the code; null without any."),
    proxy: z.object({ kind: z.enum(["eip-1167", "eip-1967", "eip-7702"]), implementation: out.address }).nullable().describe("null: none of the three."),
    code: z.string().nullable().describe("null unless asked for."),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  async handler({ address, withCode, block }, { deps, signal }) {
    const chain = deps.chain.scope({ signal });
    const { blockNumber, timestamp } = await pinBlock(chain, block, signal);
    const [code = "0x", slot = "0x"] = await ask("the code", Promise.all([
      readCode(chain, { address, blockNumber }), getStorageAt(chain, { address, slot: IMPLEMENTATION_SLOT, blockNumber }),
    ]), signal);
    return {
      address, blockNumber: Number(blockNumber), blockTime: isoOf(timestamp), isContract: code !== "0x", sizeBytes: size(code),
      codeHash: code === "0x" ? null : keccak256(code), proxy: proxyOf(code, slot), code: withCode ? code : null,
    };
  },
});

function proxyOf(code: Hex, slot: Hex) {
  for (const [kind, pattern] of [["eip-1167", MINIMAL_PROXY], ["eip-7702", DELEGATION]] as const) {
    const implementation = pattern.exec(code)?.[1];
    if (implementation) return { kind, implementation: getAddress(`0x${implementation}`) };
  }
  return size(slot) === 32 && BigInt(slot) !== 0n ? { kind: "eip-1967" as const, implementation: getAddress(slice(slot, 12)) } : null;
}
