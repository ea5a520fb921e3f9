import { z } from "zod";
import { size } from "viem/utils";
import { defineTool } from "../../../../kit/tool.ts";
import { build } from "../contract-code.ts";
import type { Deps } from "../deps.ts";
import { CompileInput, hexOf, unlinked, type BuiltContract } from "../solidity.ts";

const PARTS = ["abi", "bytecode", "runtimeBytecode", "storageLayout"] as const;

export const compileSolidity = defineTool<Pick<Deps, "compiler">>()({
  name: "compile_solidity",
  title: "Compile Solidity",
  description: "Compiles Solidity sources with the newest compiler and answers ABI, bytecode, sizes and diagnostics with line and column. A source that does not compile is an answer (ok: false), not an error.",
  input: z.strictObject({
    ...CompileInput,
    contract: z.string().max(400).optional().describe("Only this contract, as Name or path.sol:Name; all when left out."),
    include: z.array(z.enum(PARTS)).default(["abi", "bytecode"]).describe("Which of the long parts to answer."),
  }).meta({ examples: [{ sources: { "Counter.sol": "pragma solidity ^0.8.20; contract Counter { uint256 public n; }" }, include: ["abi"] }] }),
  output: z.object({
    ok: z.boolean().describe("There was no error."),
    compilerVersion: z.string().describe("Version that compiled."),
    diagnostics: z.array(z.object({
      severity: z.enum(["error", "warning", "info"]).describe("Only errors prevent code."),
      code: z.string().nullable().describe("The compiler's number for it."),
      message: z.string().describe("The compiler's words."),
      path: z.string().nullable().describe("Source."),
      line: z.int().nullable().describe("From 1."),
      column: z.int().nullable().describe("From 1."),
    })).describe("Errors, warnings and infos in the compiler's order."),
    contracts: z.array(z.object({
      path: z.string().describe("Source that declares it."),
      name: z.string().describe("Contract."),
      runtimeBytes: z.int().describe("Length of the deployed code; 0 for an interface or abstract contract."),
      exceedsSizeLimit: z.boolean().describe("The deployed code is longer than 24 576 bytes (EIP-170) and cannot be deployed on Ethereum."),
      methods: z.record(z.string(), z.string()).describe("Selector of each external function, by signature."),
      unlinkedLibraries: z.array(z.string()).describe("Libraries that want an address, as path.sol:Name; the bytecode has placeholders for them."),
      abi: z.array(z.record(z.string(), z.unknown())).nullable().describe("JSON ABI; null when not asked for."),
      bytecode: z.string().nullable().describe("Creation code, 0x-prefixed; null when not asked for."),
      runtimeBytecode: z.string().nullable().describe("Deployed code; null when not asked for."),
      storageLayout: z.unknown().describe("Slots of the state variables; null when not asked for."),
    })).describe("Contracts, interfaces and libraries; empty when there is an error."),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  async handler(input, { deps, signal }) {
    const { compilerVersion, contracts, diagnostics } = await build(deps, input, signal);
    const wanted = contracts.filter(({ path, name }) => input.contract === undefined || input.contract === name || input.contract === `${path}:${name}`);
    return {
      ok: diagnostics.every((diagnostic) => diagnostic.severity !== "error"),
      compilerVersion,
      diagnostics,
      contracts: wanted.map((contract) => present(contract, new Set(input.include))),
    };
  },
});

function present(contract: BuiltContract, include: ReadonlySet<string>) {
  const runtimeBytes = size(hexOf(contract.runtime));
  return {
    path: contract.path,
    name: contract.name,
    runtimeBytes,
    exceedsSizeLimit: runtimeBytes > 24_576,
    methods: Object.fromEntries(Object.entries(contract.methods).map(([signature, selector]) => [signature, `0x${selector}`])),
    unlinkedLibraries: unlinked(contract.creation),
    abi: include.has("abi") ? contract.abi : null,
    bytecode: include.has("bytecode") ? hexOf(contract.creation) : null,
    runtimeBytecode: include.has("runtimeBytecode") ? hexOf(contract.runtime) : null,
    storageLayout: include.has("storageLayout") ? contract.storageLayout : null,
  };
}
