/** What may be said to the Solidity compiler, and how it is said. */
import { z } from "zod";

/** The newest that the chains we work with have all activated; the compiler's own default runs ahead of them. */
export const DEFAULT_EVM_VERSION = "cancun";

const EVM_VERSIONS = ["istanbul", "berlin", "london", "paris", "shanghai", "cancun", "prague", "osaka"] as const;

export const SoliditySettings = z.strictObject({
  version: z.string().regex(/^\d+\.\d+\.\d+$/).optional().describe("Must be the compiler that ships, if given; the answer names it."),
  optimizer: z
    .strictObject({
      enabled: z.boolean().default(false),
      runs: z.number().int().min(0).max(4_294_967_295).default(200).describe("How often each opcode is expected to run."),
    })
    .prefault({})
    .describe("Off by default, as in solc."),
  viaIR: z.boolean().default(false).describe("Compile through the Yul intermediate representation."),
  evmVersion: z.enum(EVM_VERSIONS).default(DEFAULT_EVM_VERSION),
});
export type SoliditySettings = z.output<typeof SoliditySettings>;

/** solc's standard JSON input, https://docs.soliditylang.org/en/latest/using-the-compiler.html#input-description */
export function standardInput(sources: Record<string, string>, { optimizer, viaIR, evmVersion }: SoliditySettings) {
  return {
    language: "Solidity",
    sources: Object.fromEntries(Object.entries(sources).map(([path, content]) => [path, { content }])),
    settings: {
      optimizer,
      viaIR,
      evmVersion,
      outputSelection: { "*": { "*": ["abi", "evm.bytecode.object", "evm.bytecode.linkReferences", "evm.deployedBytecode.object", "evm.gasEstimates"] } },
    },
  };
}
