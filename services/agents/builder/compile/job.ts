/** What goes into the compiler process and what comes out. */
import type { StandardOutput } from "./solidity-output.ts";
import type { TypescriptOptions } from "./typescript-options.ts";
import type { TypescriptOutput } from "./typescript-program.ts";

export type CompileJob =
  | { language: "solidity"; input: object }
  | { language: "typescript"; files: Record<string, string>; options: TypescriptOptions };

export interface CompileOutputs {
  solidity: { compiler: string; output: StandardOutput };
  typescript: { compiler: string; output: TypescriptOutput };
}

/** Argument that makes the agent's entry point a compiler process instead. */
export const COMPILER_ARGUMENT = "--compile-once";
