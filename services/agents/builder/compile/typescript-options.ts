import { z } from "zod";

/** The part of a tsconfig's `compilerOptions` that makes sense without a disk. */
export const TypescriptOptions = z.strictObject({
  target: z.enum(["es2020", "es2022", "es2023", "es2024", "esnext"]).default("es2024"),
  module: z.enum(["esnext", "nodenext", "commonjs"]).default("esnext"),
  lib: z.array(z.string().regex(/^[a-z0-9.]+$/)).max(30).optional().describe("Library files, as in `es2024`, `dom`; default: the target's and dom."),
  strict: z.boolean().default(true),
  noUncheckedIndexedAccess: z.boolean().default(false),
  exactOptionalPropertyTypes: z.boolean().default(false),
  erasableSyntaxOnly: z.boolean().default(false),
  verbatimModuleSyntax: z.boolean().default(false),
  jsx: z.enum(["preserve", "react-jsx"]).optional(),
  declaration: z.boolean().default(false).describe("Emit .d.ts files too."),
  removeComments: z.boolean().default(false),
  noEmitOnError: z.boolean().default(true).describe("Emit nothing while there are errors."),
});
export type TypescriptOptions = z.output<typeof TypescriptOptions>;
