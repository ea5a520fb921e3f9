/** A contract given either as sources to compile or as finished bytecode: the inputs several tools share. */
import { z } from "zod";
import type { Hex as HexText } from "viem";
import { encodeAbiParameters } from "viem/utils";
import { UserFault } from "../../../kit/errors.ts";
import { constructorOf } from "../../shared/abi-items.ts";
import { valuesFromJson } from "../../shared/abi-values.ts";
import { AbiJson, Hex } from "../../shared/evm-schemas.ts";
import type { Deps } from "./deps.ts";
import { CompileInput, hexOf, pickContract, readOutput, standardJson, unlinked, type BuiltContract, type CompileRequest, type Diagnostic } from "./solidity.ts";

const { sources, ...settings } = CompileInput;

/** Sources with settings, or bytecode with its ABI. */
export const CodeInput = {
  sources: sources.optional(),
  contract: z.string().max(400).optional().describe("Which contract of the sources, as Name or path.sol:Name; may be left out where only one has code."),
  ...settings,
  bytecode: Hex.optional().describe("Creation code instead of sources, without constructor arguments."),
  abi: AbiJson.optional().describe("JSON ABI that belongs to bytecode."),
};
export type CodeRequest = z.output<z.ZodObject<typeof CodeInput>>;

export interface Build {
  compilerVersion: string;
  contracts: BuiltContract[];
  diagnostics: Diagnostic[];
}

export async function build(deps: Pick<Deps, "compiler">, request: CompileRequest, signal: AbortSignal): Promise<Build> {
  const { version, output } = await deps.compiler.compile(standardJson(request), signal);
  return { compilerVersion: version, ...readOutput(output, request.sources) };
}

/** Compiles and picks one contract. @throws {UserFault} with the compiler's first errors */
export async function buildOne(deps: Pick<Deps, "compiler">, request: CompileRequest, contract: string | undefined, signal: AbortSignal): Promise<{ built: BuiltContract; compilerVersion: string }> {
  const { contracts, diagnostics, compilerVersion } = await build(deps, request, signal);
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity === "error");
  if (errors.length) {
    const shown = errors.slice(0, 5).map((error) => `${error.path ?? "settings"}${error.line ? `:${error.line}:${error.column}` : ""}: ${error.message}`).join("; ");
    throw new UserFault(`The sources do not compile (${errors.length} error(s)): ${shown}. compile_solidity lists all diagnostics.`);
  }
  return { built: pickContract(contracts, contract), compilerVersion };
}

export interface CreationCode { code: HexText; abi: readonly Record<string, unknown>[] }

/** Creation code and ABI from either form. @throws {UserFault} when neither or both are given, or libraries are missing */
export async function creationCode(deps: Pick<Deps, "compiler">, request: CodeRequest, signal: AbortSignal): Promise<CreationCode> {
  if ((request.sources === undefined) === (request.bytecode === undefined)) throw new UserFault("Give exactly one of sources and bytecode.");
  if (request.bytecode !== undefined) return { code: request.bytecode, abi: request.abi ?? [] };
  const { built } = await buildOne(deps, { ...request, sources: request.sources! }, request.contract, signal);
  if (built.creation.object === "") throw new UserFault(`${built.name} is abstract or an interface: it has no code to deploy. Name a contract that implements it.`);
  const missing = unlinked(built.creation);
  if (missing.length) throw new UserFault(`${built.name} uses libraries without an address: ${missing.join(", ")}. Deploy them first and give their addresses in libraries.`);
  return { code: hexOf(built.creation), abi: built.abi };
}

/** Creation code with the constructor's arguments appended. @throws {UserFault} on wrong arguments */
export function deploymentData({ code, abi }: CreationCode, args: readonly unknown[]): HexText {
  if (abi.length === 0 && args.length > 0) throw new UserFault("Constructor arguments want the ABI that belongs to bytecode: give it in abi.");
  const { inputs } = constructorOf(abi);
  const values = valuesFromJson(inputs, args);
  return inputs.length ? `${code}${encodeAbiParameters(inputs, values).slice(2)}` : code;
}
