/** Compiles a test's contracts in this process. */
import { createRequire } from "node:module";
import type { Hex } from "viem";

export interface CompiledContract {
  abi: Record<string, unknown>[];
  bytecode: Hex;
  runtime: Hex;
}

interface SolcOutput {
  errors?: { severity: string; formattedMessage: string }[];
  contracts: Record<string, Record<string, { abi: Record<string, unknown>[]; evm: { bytecode: { object: string }; deployedBytecode: { object: string } } }>>;
}

const compiled = new Map<string, Record<string, CompiledContract>>();

/** Contracts of one source by name; the same source is compiled once a process. @throws {Error} with the compiler's words */
export function compileForTest(source: string): Record<string, CompiledContract> {
  const known = compiled.get(source);
  if (known) return known;
  const solc = createRequire(import.meta.url)("solc") as { compile(input: string): string };
  const output = JSON.parse(solc.compile(JSON.stringify({
    language: "Solidity",
    sources: { "test.sol": { content: `// SPDX-License-Identifier: Apache-2.0\npragma solidity ^0.8.0;\n${source}` } },
    settings: { outputSelection: { "*": { "*": ["abi", "evm.bytecode.object", "evm.deployedBytecode.object"] } } },
  }))) as SolcOutput;
  const errors = (output.errors ?? []).filter((error) => error.severity === "error");
  if (errors.length) throw new Error(errors.map((error) => error.formattedMessage).join("\n"));
  const contracts: Record<string, CompiledContract> = Object.fromEntries(Object.entries(output.contracts["test.sol"]!).map(([name, { abi, evm }]) =>
    [name, { abi, bytecode: `0x${evm.bytecode.object}`, runtime: `0x${evm.deployedBytecode.object}` }]));
  compiled.set(source, contracts);
  return contracts;
}
