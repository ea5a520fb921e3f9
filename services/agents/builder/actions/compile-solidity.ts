import { z } from "zod";
import { defineAction } from "../../../kit/agent.ts";
import { UserFault } from "../../../kit/errors.ts";
import { Contract, contractsOf, Diagnostic, diagnosticsOf } from "../compile/solidity-output.ts";
import { SoliditySettings, standardInput } from "../compile/solidity-settings.ts";
import type { BuilderDeps } from "../deps.ts";
import { keepArtifact } from "../keep-artifact.ts";
import { Sources } from "../sources.ts";

/** A source that does not compile is an answer, not a failure of the task: `ok` is false and `diagnostics` say why. */
export const compileSolidity = defineAction<BuilderDeps>()({
  name: "compile_solidity",
  description:
    "Compiles Solidity sources that are given in full (imports resolve among them, nothing is fetched) to ABI, bytecode and gas estimates, and stores the result by its content hash.",
  input: z.strictObject({
    sources: Sources.describe("Path → Solidity text; imports name these paths."),
    settings: SoliditySettings.prefault({}).describe("Compiler settings."),
    contracts: z.array(z.string().min(1)).max(100).optional().describe("Only these, as `Name` or `path:Name`; default: all."),
  }),
  output: z.object({
    ok: z.boolean(),
    compiler: z.string(),
    hash: z.string().nullable().describe("Of the stored artifact; get_artifact reads it. Null when it did not compile."),
    stored: z.boolean().describe("False: the same artifact was there already."),
    contracts: z.array(Contract),
    diagnostics: z.array(Diagnostic),
  }),
  async handler({ sources, settings, contracts: wanted }, ctx) {
    ctx.progress(0.1, "compiling");
    const { compiler, output } = await ctx.deps.compiler.compile({ language: "solidity", input: standardInput(sources, settings) }, ctx.signal);
    requireVersion(settings.version, compiler);
    const diagnostics = diagnosticsOf(output, sources);
    if (diagnostics.some(({ severity }) => severity === "error")) {
      return { ok: false, compiler, hash: null, stored: false, contracts: [], diagnostics };
    }
    const contracts = select(contractsOf(output), wanted);
    ctx.progress(0.9, "storing");
    const { version: _, ...rest } = settings;
    const { hash, stored } = await keepArtifact(ctx, "solidity", { compiler, settings: rest, contracts });
    return { ok: true, compiler, hash, stored, contracts, diagnostics };
  },
});

function requireVersion(asked: string | undefined, compiler: string): void {
  if (asked !== undefined && !compiler.startsWith(`solc ${asked}+`)) {
    throw new UserFault(`settings.version: ${asked} is not here; this builder ships ${compiler}. Leave the version out, or set the pragma to fit.`);
  }
}

function select(contracts: Contract[], wanted: readonly string[] | undefined): Contract[] {
  if (wanted === undefined) return contracts;
  const matches = (contract: Contract, name: string): boolean => name === contract.name || name === `${contract.source}:${contract.name}`;
  for (const name of wanted) {
    if (!contracts.some((contract) => matches(contract, name))) {
      throw new UserFault(`contracts: there is no "${name}". The sources define ${contracts.map((contract) => contract.name).join(", ") || "none"}.`);
    }
  }
  return contracts.filter((contract) => wanted.some((name) => matches(contract, name)));
}
