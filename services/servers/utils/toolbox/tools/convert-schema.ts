import { z } from "zod";
import { UserFault } from "../../../../kit/errors.ts";
import { defineTool } from "../../../../kit/tool.ts";
import { fromTypeScript } from "../schema/from-typescript.ts";
import { inferSchema } from "../schema/infer.ts";
import type { JsonSchema } from "../schema/json-schema.ts";
import { toTypeScript } from "../schema/to-typescript.ts";
import { toZod } from "../schema/to-zod.ts";

const DIALECT = "https://json-schema.org/draft/2020-12/schema";

function parseJson(source: string, what: string): unknown {
  try {
    return JSON.parse(source);
  } catch (error) {
    throw new UserFault(`The source is no valid JSON (${(error as Error).message}): correct it, or set from to what it is; ${what} was expected.`);
  }
}

function readSchema(source: string): JsonSchema {
  const parsed = parseJson(source, "a JSON Schema");
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) throw new UserFault("A JSON Schema is an object; to infer one from a sample set from to json.");
  return parsed as JsonSchema;
}

const READERS = {
  json: (source: string) => inferSchema([parseJson(source, "a sample value")]),
  "json-schema": readSchema,
  typescript: fromTypeScript,
} as const;

const WRITERS = {
  "json-schema": (schema: JsonSchema) => JSON.stringify({ $schema: DIALECT, ...schema }, null, 2),
  typescript: toTypeScript,
  zod: toZod,
} as const;

export const convertSchema = defineTool<null>()({
  name: "convert_schema",
  title: "Convert schemas",
  description: "Converts a sample JSON value, a JSON Schema or a TypeScript type into a JSON Schema (2020-12), TypeScript types or zod 4 source. What the target cannot say is listed in notes.",
  input: z.strictObject({
    source: z.string().min(1).max(200_000).describe("The text to convert: JSON, a JSON Schema, or TypeScript types."),
    from: z.enum(["json", "json-schema", "typescript"]).describe("What `source` is. json: a sample; elements of an array are merged."),
    to: z.enum(["json-schema", "typescript", "zod"]).describe("What to make."),
    name: z.string().regex(/^[A-Za-z_$][\w$]*$/, "an identifier").default("Root").describe("Name of the outermost type or schema."),
  }),
  output: z.object({
    result: z.string().describe("The converted text."),
    notes: z.array(z.string()).describe("What was lost or loosened; empty when nothing was."),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  async handler({ source, from, to, name }) {
    const notes = new Set<string>();
    try {
      return { result: WRITERS[to](READERS[from](source), name, notes), notes: [...notes] };
    } catch (error) {
      if (error instanceof RangeError) throw new UserFault("The source is nested too deeply to convert: give a smaller part of it.");
      throw error;
    }
  },
});
