/** Infers a JSON Schema from sample values. */
import type { JsonSchema } from "./json-schema.ts";

const TYPE_ORDER = ["null", "boolean", "integer", "number", "string", "array", "object"];

function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  // Beyond 2^53 the parser has rounded already, so nothing says that it was whole.
  if (typeof value === "number") return Number.isSafeInteger(value) ? "integer" : "number";
  return typeof value;
}

/**
 * The narrowest schema of this family that all samples satisfy: a property is required when every object has it, and
 * integers widen to numbers when both occur. Nothing is guessed from the look of a string.
 */
export function inferSchema(samples: readonly unknown[]): JsonSchema {
  const types = new Set(samples.map(typeOf));
  if (types.has("number")) types.delete("integer");
  if (types.size === 0) return {};
  const sorted = TYPE_ORDER.filter((type) => types.has(type));
  const schema: JsonSchema = { type: sorted.length === 1 ? sorted[0]! : sorted };
  if (types.has("object")) Object.assign(schema, inferObject(samples.filter((sample): sample is Record<string, unknown> => typeOf(sample) === "object")));
  if (types.has("array")) {
    const elements = samples.flatMap((sample) => (Array.isArray(sample) ? sample : []));
    if (elements.length) schema.items = inferSchema(elements);
  }
  return schema;
}

function inferObject(objects: readonly Record<string, unknown>[]): JsonSchema {
  const keys = [...new Set(objects.flatMap((object) => Object.keys(object)))];
  const having = (key: string): Record<string, unknown>[] => objects.filter((object) => Object.hasOwn(object, key));
  return {
    properties: Object.fromEntries(keys.map((key) => [key, inferSchema(having(key).map((object) => object[key]))])),
    required: keys.filter((key) => having(key).length === objects.length),
  };
}
