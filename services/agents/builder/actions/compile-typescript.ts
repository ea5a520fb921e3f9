import { z } from "zod";
import { defineAction } from "../../../kit/agent.ts";
import { UserFault } from "../../../kit/errors.ts";
import { Diagnostic } from "../compile/solidity-output.ts";
import { TypescriptOptions } from "../compile/typescript-options.ts";
import type { BuilderDeps } from "../deps.ts";
import { keepArtifact } from "../keep-artifact.ts";
import { Sources } from "../sources.ts";

/** Type errors are an answer, not a failure of the task: `ok` is false and `diagnostics` say why. */
export const compileTypescript = defineAction<BuilderDeps>()({
  name: "compile_typescript",
  description:
    "Type-checks TypeScript files that are given in full (imports resolve among them, no package is installed) and emits JavaScript, stored by its content hash.",
  input: z.strictObject({
    files: Sources.describe("Path → text, as in `src/main.ts`; imports resolve among them."),
    options: TypescriptOptions.prefault({}).describe("A part of tsconfig's compilerOptions."),
  }),
  output: z.object({
    ok: z.boolean(),
    compiler: z.string(),
    hash: z.string().nullable().describe("Of the stored artifact; get_artifact reads it. Null when nothing was emitted."),
    stored: z.boolean().describe("False: the same artifact was there already."),
    emitted: z.record(z.string(), z.string()).describe("Path → JavaScript or declarations."),
    diagnostics: z.array(Diagnostic),
  }),
  async handler({ files, options }, ctx) {
    if (!Object.keys(files).some((path) => /\.[cm]?tsx?$/.test(path))) {
      throw new UserFault("files: none of them is TypeScript. Give at least one .ts, .mts, .cts or .tsx file.");
    }
    ctx.progress(0.1, "checking types");
    const { compiler, output } = await ctx.deps.compiler.compile({ language: "typescript", files, options }, ctx.signal);
    const { diagnostics, emitted } = output;
    const ok = !diagnostics.some(({ severity }) => severity === "error");
    if (Object.keys(emitted).length === 0) return { ok, compiler, hash: null, stored: false, emitted, diagnostics };
    ctx.progress(0.9, "storing");
    return { ok, compiler, ...(await keepArtifact(ctx, "typescript", { compiler, options, emitted })), emitted, diagnostics };
  },
});
