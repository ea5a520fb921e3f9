import { getBlockNumber, getCode } from "viem/actions";
import { hexToBytes, size } from "viem/utils";
import { z } from "zod";
import { UserFault } from "../../../../kit/errors.ts";
import { defineTool } from "../../../../kit/tool.ts";
import { ask } from "../../../shared/evm-client.ts";
import { Address, out } from "../../../shared/evm-schemas.ts";
import { compareRuntime, solcVersionIn } from "../bytecode-compare.ts";
import { buildOne } from "../contract-code.ts";
import type { Deps } from "../deps.ts";
import { CompileInput, hexOf, type BuiltContract, type Immutable } from "../solidity.ts";

export const verifyBytecode = defineTool<Deps>()({
  name: "verify_bytecode",
  title: "Verify deployed bytecode",
  description: "Compiles sources and compares the result with the code at an address: exact, the same but for the metadata hash, or different, with the places. Immutables and unlinked libraries are left out of the comparison.",
  input: z.strictObject({
    ...CompileInput,
    contract: z.string().max(400).optional().describe("Which contract of the sources, as Name or path.sol:Name."),
    address: Address.describe("The deployed contract; behind a proxy, its implementation."),
  }),
  output: z.object({
    match: z.enum(["exact", "ignoringMetadata", "different"]).describe("exact proves sources and settings; ignoringMetadata proves the code, though comments, names or paths may differ."),
    blockNumber: out.blockNumber,
    contract: z.string().describe("Contract that was compiled, as path.sol:Name."),
    compiledBytes: z.int().describe("Length of the compiled runtime code."),
    deployedBytes: z.int().describe("Length of the code on chain."),
    compilerVersion: z.string().describe("Version this server compiled with."),
    deployedCompilerVersion: z.string().nullable().describe("Version in the metadata on chain; null where there is none."),
    differences: z.array(z.object({
      offset: z.int().describe("First differing byte."),
      length: z.int().describe("Bytes that differ in a row."),
      compiled: z.string().describe("Compiled bytes, the first 32."),
      deployed: z.string().describe("Bytes on chain, the first 32."),
    })).describe("The first ten places; empty when it matches."),
    immutables: z.array(z.object({
      offset: z.int().describe("Place in the code."),
      value: z.string().describe("What the constructor put there, 0x-prefixed."),
    })).describe("Values of immutables, and addresses of libraries, in the deployed code."),
    hint: z.string().nullable().describe("What to try when it differs."),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  async handler(input, { deps, signal }) {
    const chain = deps.chain.scope({ signal });
    const blockNumber = await ask("the block number", getBlockNumber(chain, { cacheTime: 0 }), signal);
    const deployed = await ask("the code", getCode(chain, { address: input.address, blockNumber }), signal);
    if (!deployed || deployed === "0x") throw new UserFault(`There is no contract at ${input.address} in block ${blockNumber}. Check the address and, with evm-node's get_chain_status, the chain.`);
    const { built, compilerVersion } = await buildOne(deps, input, input.contract, signal);
    const compiled = hexOf({ object: built.runtime.object.replace(/__\$[0-9a-f]{34}\$__/g, "0".repeat(40)) });
    if (compiled === "0x") throw new UserFault(`${built.name} is abstract or an interface: it has no code to compare. Name the contract that implements it.`);
    const result = compareRuntime(compiled, deployed, variableRegions(built));
    const deployedCompilerVersion = solcVersionIn(hexToBytes(deployed));
    return {
      ...result,
      blockNumber: Number(blockNumber),
      contract: `${built.path}:${built.name}`,
      compiledBytes: size(compiled),
      deployedBytes: size(deployed),
      compilerVersion,
      deployedCompilerVersion,
      hint: result.match === "different" ? hintFor(compilerVersion, deployedCompilerVersion) : null,
    };
  },
});

function variableRegions({ runtime }: BuiltContract): Immutable[] {
  const libraries = Object.values(runtime.linkReferences ?? {}).flatMap((names) => Object.values(names));
  return [...Object.values(runtime.immutableReferences ?? {}), ...libraries].flat().sort((a, b) => a.start - b.start);
}

function hintFor(ours: string, theirs: string | null): string {
  if (theirs && !ours.startsWith(`${theirs}+`)) return `The code on chain was compiled with solc ${theirs}, and this server has ${ours}: other versions give other code, so only a match would be conclusive.`;
  return "Compare optimizerRuns, evmVersion and viaIR with the deployment's settings, and check that the address is the implementation and not a proxy.";
}
