import { parseAbiItem, toEventSelector, toFunctionSelector, toFunctionSignature } from "viem/utils";
import type { AbiFunction } from "viem";
import { z } from "zod";
import { UserFault } from "../../../../kit/errors.ts";
import { defineTool } from "../../../../kit/tool.ts";
import { shortMessage } from "../../../shared/abi-items.ts";

const KINDS = ["function", "event", "error"] as const;

export const computeSelector = defineTool<null>()({
  name: "compute_selector",
  title: "Function selector or event topic",
  description: "Gives the 4-byte selector of a function or custom error, or the 32-byte first topic of an event, and the canonical signature it is the hash of.",
  input: z.strictObject({
    signature: z.string().min(3).max(2_000).describe("`transfer(address to, uint256 amount)`; a leading `function`, `event` or `error` sets the kind. Aliases such as uint are widened."),
    kind: z.enum(KINDS).default("function").describe("What the signature declares, where it does not say so itself."),
  }),
  output: z.object({
    kind: z.enum(KINDS).describe("What was declared."),
    canonicalSignature: z.string().describe("Name and types without names, aliases widened: what is hashed."),
    selector: z.string().describe("4 bytes for a function or error, 32 for an event; 0x-prefixed."),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  async handler({ signature, kind }) {
    const text = signature.trim();
    const declared = KINDS.find((candidate) => text.startsWith(`${candidate} `)) ?? kind;
    try {
      const item = parseAbiItem((text.startsWith(`${declared} `) ? text : `${declared} ${text}`) as string) as AbiFunction;
      const canonicalSignature = toFunctionSignature(item);
      const selector = declared === "event" ? toEventSelector(canonicalSignature) : toFunctionSelector(canonicalSignature);
      return { kind: declared, canonicalSignature, selector };
    } catch (error) {
      throw new UserFault(`Cannot read the ${declared} "${signature}": ${shortMessage(error)} Write it as in transfer(address,uint256).`);
    }
  },
});
