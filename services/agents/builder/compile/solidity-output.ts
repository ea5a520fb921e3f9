/** solc's standard JSON output → diagnostics and contracts. */
import { z } from "zod";

export const Diagnostic = z.object({
  severity: z.enum(["error", "warning", "info"]),
  /** `solc` numbers or TypeScript's: `2314`, `TS2322`. */
  code: z.string().nullable(),
  message: z.string(),
  file: z.string().nullable(),
  /** From 1; null where the message belongs to no place. */
  line: z.number().int().nullable(),
  column: z.number().int().nullable(),
});
export type Diagnostic = z.output<typeof Diagnostic>;

export const Contract = z.object({
  source: z.string(),
  name: z.string(),
  abi: z.array(z.record(z.string(), z.unknown())),
  bytecode: z.string().describe("0x and creation code; `0x` for an interface or abstract contract. Unlinked libraries stand as __$…$__."),
  deployedBytecode: z.string(),
  deployedBytes: z.number().int().describe("Of 24,576 that EIP-170 allows."),
  libraries: z.array(z.string()).describe("To be linked before deployment, as `file:Library`."),
  gasEstimates: z.unknown().describe("solc's: creation costs, and gas by function signature; `infinite` where it cannot tell."),
});
export type Contract = z.output<typeof Contract>;

interface Bytecode { object: string; linkReferences?: Record<string, Record<string, unknown>> }
export interface StandardOutput {
  errors?: { severity: string; errorCode?: string; message: string; formattedMessage?: string; sourceLocation?: { file: string; start: number } }[];
  contracts?: Record<string, Record<string, {
    abi: Record<string, unknown>[];
    evm?: { bytecode?: Bytecode; deployedBytecode?: Bytecode; gasEstimates?: unknown };
  }>>;
}

export function diagnosticsOf(output: StandardOutput, sources: Readonly<Record<string, string>>): Diagnostic[] {
  return (output.errors ?? []).map(({ severity, errorCode, message, sourceLocation }) => {
    const text = sourceLocation && Object.hasOwn(sources, sourceLocation.file) ? sources[sourceLocation.file] : undefined;
    const place = text !== undefined && sourceLocation!.start >= 0 ? position(text, sourceLocation!.start) : null;
    return {
      severity: severity === "error" || severity === "warning" ? severity : "info",
      code: errorCode ?? null,
      message: message.replace("File import callback not supported", "it is not among the given sources, and nothing is fetched"),
      file: sourceLocation?.file ?? null,
      line: place?.line ?? null,
      column: place?.column ?? null,
    };
  });
}

export function contractsOf(output: StandardOutput): Contract[] {
  return Object.entries(output.contracts ?? {}).flatMap(([source, contracts]) =>
    Object.entries(contracts).map(([name, { abi, evm }]) => ({
      source,
      name,
      abi,
      bytecode: `0x${evm?.bytecode?.object ?? ""}`,
      deployedBytecode: `0x${evm?.deployedBytecode?.object ?? ""}`,
      deployedBytes: (evm?.deployedBytecode?.object.length ?? 0) / 2,
      libraries: Object.entries(evm?.bytecode?.linkReferences ?? {}).flatMap(([file, names]) => Object.keys(names).map((library) => `${file}:${library}`)),
      gasEstimates: evm?.gasEstimates ?? null,
    })));
}

/** @param offset in bytes of UTF-8, as solc counts */
function position(text: string, offset: number): { line: number; column: number } {
  const before = Buffer.from(text).subarray(0, offset).toString();
  const lineStart = before.lastIndexOf("\n") + 1;
  return { line: before.split("\n").length, column: before.length - lineStart + 1 };
}
