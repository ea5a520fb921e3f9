/** Solidity's standard JSON: what we ask of the compiler, and what it answered, in the tools' terms. */
import { z } from "zod";
import type { Hex } from "viem";
import { UserFault } from "../../../kit/errors.ts";

/** Oldest first, as solc 0.8 knows them. */
export const EVM_VERSIONS = [
  "homestead", "tangerineWhistle", "spuriousDragon", "byzantium", "constantinople", "petersburg", "istanbul", "berlin", "london",
  "paris", "shanghai", "cancun", "prague", "osaka",
] as const;

/** Inputs of every tool that compiles. */
export const CompileInput = {
  sources: z.record(z.string().min(1).max(200), z.string().max(500_000))
    .refine((sources) => Object.keys(sources).length > 0 && Object.keys(sources).length <= 200, "give 1 to 200 sources")
    .describe("Solidity sources by path, as in {\"Token.sol\": \"pragma solidity ^0.8.20; …\"}. Imports resolve among these only: nothing is read from disk or network."),
  optimizerRuns: z.int().min(0).max(4_294_967_295).default(200).describe("Expected calls of each function over the contract's life; 0 switches the optimizer off."),
  evmVersion: z.enum(EVM_VERSIONS).optional().describe("Target; the compiler's default when left out."),
  viaIR: z.boolean().default(false).describe("Compile through Yul: slower, and gets around \"stack too deep\"."),
  remappings: z.array(z.string().regex(/^[^=]*=.*$/, "prefix=target")).max(50).default([]).describe("Import remappings, as in @oz/=oz/contracts/."),
  libraries: z.record(z.string(), z.string().regex(/^0x[0-9a-fA-F]{40}$/)).default({}).describe("Addresses of libraries to link, by `path.sol:Name`."),
};
export type CompileRequest = z.output<z.ZodObject<typeof CompileInput>>;

export interface Immutable { start: number; length: number }

export interface BuiltCode {
  object: string;
  linkReferences?: Record<string, Record<string, Immutable[]>>;
  immutableReferences?: Record<string, Immutable[]>;
}

export interface BuiltContract {
  path: string;
  name: string;
  abi: Record<string, unknown>[];
  creation: BuiltCode;
  runtime: BuiltCode;
  methods: Record<string, string>;
  storageLayout: unknown;
}

export interface Diagnostic {
  severity: "error" | "warning" | "info";
  code: string | null;
  message: string;
  path: string | null;
  line: number | null;
  column: number | null;
}

export function standardJson(request: CompileRequest): unknown {
  return {
    language: "Solidity",
    sources: Object.fromEntries(Object.entries(request.sources).map(([path, content]) => [path, { content }])),
    settings: {
      optimizer: { enabled: request.optimizerRuns > 0, runs: request.optimizerRuns },
      ...(request.evmVersion ? { evmVersion: request.evmVersion } : {}),
      ...(request.viaIR ? { viaIR: true } : {}),
      remappings: request.remappings,
      libraries: librariesByFile(request.libraries),
      outputSelection: { "*": { "*": ["abi", "storageLayout", "evm.bytecode.object", "evm.bytecode.linkReferences", "evm.deployedBytecode.object", "evm.deployedBytecode.linkReferences", "evm.deployedBytecode.immutableReferences", "evm.methodIdentifiers"] } },
    },
  };
}

function librariesByFile(libraries: Record<string, string>): Record<string, Record<string, string>> {
  const files: Record<string, Record<string, string>> = {};
  for (const [key, address] of Object.entries(libraries)) {
    const at = key.lastIndexOf(":");
    if (at < 1) throw new UserFault(`libraries["${key}"]: name the library as path.sol:Name.`);
    (files[key.slice(0, at)] ??= {})[key.slice(at + 1)] = address;
  }
  return files;
}

interface Output {
  errors?: { severity: Diagnostic["severity"]; errorCode?: string; message: string; sourceLocation?: { file: string; start: number } }[];
  contracts?: Record<string, Record<string, {
    abi: Record<string, unknown>[]; storageLayout?: unknown;
    evm: { bytecode: BuiltCode; deployedBytecode: BuiltCode; methodIdentifiers: Record<string, string> };
  }>>;
}

export function readOutput(raw: unknown, sources: Record<string, string>): { contracts: BuiltContract[]; diagnostics: Diagnostic[] } {
  const output = raw as Output;
  return {
    contracts: Object.entries(output.contracts ?? {}).flatMap(([path, contracts]) => Object.entries(contracts).map(([name, built]) => ({
      path, name,
      abi: built.abi,
      creation: built.evm.bytecode,
      runtime: built.evm.deployedBytecode,
      methods: built.evm.methodIdentifiers,
      storageLayout: built.storageLayout ?? null,
    }))),
    diagnostics: (output.errors ?? []).map((error) => ({
      severity: error.severity,
      code: error.errorCode ?? null,
      message: error.message.trim(),
      path: error.sourceLocation?.file ?? null,
      ...position(error.sourceLocation, sources),
    })),
  };
}

/** The compiler counts bytes of UTF-8; people count lines and characters, from 1. */
function position(location: { file: string; start: number } | undefined, sources: Record<string, string>): { line: number | null; column: number | null } {
  const source = location && location.start >= 0 ? sources[location.file] : undefined;
  if (source === undefined) return { line: null, column: null };
  const before = Buffer.from(source, "utf8").subarray(0, location!.start).toString("utf8");
  const lastBreak = before.lastIndexOf("\n");
  return { line: before.split("\n").length, column: before.length - lastBreak };
}

/** Names a contract of the output by `Name` or `path.sol:Name`. @throws {UserFault} listing those there are */
export function pickContract(contracts: readonly BuiltContract[], wanted: string | undefined): BuiltContract {
  const matches = wanted === undefined
    ? contracts.filter((contract) => contract.runtime.object !== "")
    : contracts.filter((contract) => contract.name === wanted || `${contract.path}:${contract.name}` === wanted);
  if (matches.length === 1) return matches[0]!;
  const names = (matches.length ? matches : contracts).map((contract) => `${contract.path}:${contract.name}`).join(", ");
  if (matches.length === 0) throw new UserFault(`The sources have no ${wanted === undefined ? "contract with code" : `contract ${wanted}`}. They have: ${names || "none"}.`);
  throw new UserFault(`Which contract? Give contract as one of: ${names}.`);
}

/** Placeholders of libraries that are not linked, as `path.sol:Name`. */
export const unlinked = (code: BuiltCode): string[] =>
  Object.entries(code.linkReferences ?? {}).flatMap(([path, names]) => Object.keys(names).map((name) => `${path}:${name}`));

export const hexOf = (code: BuiltCode): Hex => `0x${code.object}`;
