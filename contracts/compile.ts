/** Compiles the contracts of this folder with the compiler from npm: nothing is downloaded. */
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Abi, Hex } from "viem";

export interface CompiledContract { abi: Abi; bytecode: Hex }

/** Folder of the contracts. */
export const CONTRACTS = import.meta.dirname;

/**
 * What decides bytecode and gas. A hash of the sources would make a changed comment another contract, so none is appended.
 * Through Yul it is smaller and cheaper to run.
 */
const SETTINGS = {
  evmVersion: "cancun",
  viaIR: true,
  optimizer: { enabled: true, runs: 1_000_000 },
  metadata: { bytecodeHash: "none", appendCBOR: false },
  outputSelection: { "*": { "*": ["abi", "evm.bytecode.object"] } },
};

/** "Transient storage can break composability": the executor clears its own at the end of a run, and a test runs two in one transaction. */
const TRANSIENT_STORAGE = "2394";

interface Output {
  errors?: { severity: string; errorCode?: string; formattedMessage: string }[];
  contracts: Record<string, Record<string, { abi: Abi; evm: { bytecode: { object: string } } }>>;
}

/** Solidity files of a folder by their names, as `compile` takes them. */
export function solidityOf(folder: string): Record<string, string> {
  return Object.fromEntries(readdirSync(folder).filter((name) => name.endsWith(".sol")).toSorted()
    .map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

/**
 * @param sources Solidity by path; imports resolve among them only
 * @returns contracts by name, abstract ones and interfaces with empty bytecode
 * @throws {Error} with the compiler's words; a warning counts too
 */
export function compile(sources: Record<string, string>): Record<string, CompiledContract> {
  // Loaded late: half a second that nobody pays who compiles nothing.
  const solc = createRequire(import.meta.url)("solc") as { compile(input: string): string };
  const content = Object.fromEntries(Object.entries(sources).map(([path, text]) => [path, { content: text }]));
  const output = JSON.parse(solc.compile(JSON.stringify({ language: "Solidity", sources: content, settings: SETTINGS }))) as Output;
  const complaints = (output.errors ?? []).filter(({ severity, errorCode }) => severity !== "info" && errorCode !== TRANSIENT_STORAGE);
  if (complaints.length > 0) throw new Error(complaints.map(({ formattedMessage }) => formattedMessage).join("\n"));
  return Object.fromEntries(Object.values(output.contracts).flatMap((file) => Object.entries(file)
    .map(([name, { abi, evm }]) => [name, { abi, bytecode: `0x${evm.bytecode.object}` as Hex }])));
}
