/** JSON Schema → source text of zod 4 schemas. */
import { keyText, localRef, typeName, type JsonSchema } from "./json-schema.ts";

const FORMATS: Record<string, string> = {
  "date-time": "z.iso.datetime({ offset: true })", date: "z.iso.date()", time: "z.iso.time()", duration: "z.iso.duration()",
  email: "z.email()", uuid: "z.uuid()", uri: "z.url()", ipv4: "z.ipv4()", ipv6: "z.ipv6()",
};

const KNOWN = new Set([
  "type", "description", "enum", "const", "properties", "required", "additionalProperties", "items", "prefixItems", "anyOf", "oneOf",
  "allOf", "$ref", "$defs", "definitions", "$schema", "$id", "title", "default", "examples", "pattern", "format", "minLength", "maxLength",
  "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minItems", "maxItems",
]);

/** Source text with a `const` for the schema and each of its `$defs`. What was left out is added to `notes`. */
export function toZod(schema: JsonSchema, name: string, notes: Set<string>): string {
  const definitions = { ...schema.$defs, ...(schema.definitions as Record<string, JsonSchema> | undefined) };
  const declare = (label: string, body: JsonSchema): string => `export const ${label} = ${zodText(body, "", notes)};\n`;
  return ['import { z } from "zod";\n', ...Object.entries(definitions).map(([key, body]) => declare(typeName(key), body)), declare(typeName(name), schema)].join("\n");
}

function zodText(schema: JsonSchema, indent: string, notes: Set<string>): string {
  for (const keyword of Object.keys(schema)) if (!KNOWN.has(keyword)) notes.add(`${keyword} has no counterpart here and was left out`);
  const described = schema.description ? `.describe(${JSON.stringify(schema.description)})` : "";
  const defaulted = schema.default !== undefined ? `.default(${JSON.stringify(schema.default)})` : "";
  return bareText(schema, indent, notes) + described + defaulted;
}

function bareText(schema: JsonSchema, indent: string, notes: Set<string>): string {
  const each = (members: JsonSchema[]): string[] => members.map((member) => zodText(member, indent, notes));
  if (schema.$ref !== undefined) {
    const target = localRef(schema.$ref);
    if (target) return `z.lazy(() => ${typeName(target)})`;
    notes.add(`$ref ${schema.$ref} points outside the document and became z.unknown()`);
    return "z.unknown()";
  }
  if (schema.const !== undefined) return `z.literal(${JSON.stringify(schema.const)})`;
  if (schema.enum) {
    return schema.enum.length > 0 && schema.enum.every((value) => typeof value === "string")
      ? `z.enum(${JSON.stringify(schema.enum)})`
      : `z.literal(${JSON.stringify(schema.enum)})`;
  }
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (schema.oneOf) notes.add("oneOf became a union: that only one matches is not checked");
  if (alternatives) return alternatives.length === 1 ? each(alternatives)[0]! : `z.union([${each(alternatives).join(", ")}])`;
  if (schema.allOf) return each(schema.allOf).reduce((left, right) => `z.intersection(${left}, ${right})`);
  if (Array.isArray(schema.type)) {
    const others = schema.type.filter((type) => type !== "null").map((type) => bareText({ ...schema, type }, indent, notes));
    const text = others.length === 0 ? "z.null()" : others.length === 1 ? others[0]! : `z.union([${others.join(", ")}])`;
    return others.length && schema.type.includes("null") ? `${text}.nullable()` : text;
  }
  switch (schema.type ?? (schema.properties ? "object" : schema.items || schema.prefixItems ? "array" : undefined)) {
    case "string": return stringText(schema, notes);
    case "integer": return `z.int()${numberChecks(schema)}`;
    case "number": return `z.number()${numberChecks(schema)}`;
    case "boolean": return "z.boolean()";
    case "null": return "z.null()";
    case "array": return arrayText(schema, indent, notes);
    case "object": return objectText(schema, indent, notes);
    default: return "z.unknown()";
  }
}

const check = (method: string, value: unknown): string => (value === undefined ? "" : `.${method}(${JSON.stringify(value)})`);

function stringText(schema: JsonSchema, notes: Set<string>): string {
  const format = typeof schema.format === "string" ? FORMATS[schema.format] : undefined;
  if (schema.format !== undefined && !format) notes.add(`format ${String(schema.format)} is not checked`);
  const pattern = typeof schema.pattern === "string" ? `.regex(new RegExp(${JSON.stringify(schema.pattern)}, "u"))` : "";
  return `${format ?? "z.string()"}${check("min", schema.minLength)}${check("max", schema.maxLength)}${pattern}`;
}

const numberChecks = (schema: JsonSchema): string =>
  check("min", schema.minimum) + check("max", schema.maximum) + check("gt", schema.exclusiveMinimum) + check("lt", schema.exclusiveMaximum) + check("multipleOf", schema.multipleOf);

function arrayText(schema: JsonSchema, indent: string, notes: Set<string>): string {
  const limits = check("min", schema.minItems) + check("max", schema.maxItems);
  const items = schema.items ? zodText(schema.items, indent, notes) : "z.unknown()";
  if (!schema.prefixItems) return `z.array(${items})${limits}`;
  const members = `[${schema.prefixItems.map((item) => zodText(item, indent, notes)).join(", ")}]`;
  return schema.items === false ? `z.tuple(${members})` : `z.tuple(${members}, ${items})`;
}

function objectText(schema: JsonSchema, indent: string, notes: Set<string>): string {
  const properties = Object.entries(schema.properties ?? {});
  const extra = typeof schema.additionalProperties === "object" ? zodText(schema.additionalProperties, indent, notes) : null;
  if (!properties.length && schema.additionalProperties !== false) return `z.record(z.string(), ${extra ?? "z.unknown()"})`;
  const inner = `${indent}  `;
  const required = new Set(schema.required ?? []);
  const lines = properties.map(([key, body]) => `${inner}${keyText(key)}: ${zodText(body, inner, notes)}${required.has(key) ? "" : ".optional()"},`);
  const constructor = schema.additionalProperties === false ? "z.strictObject" : extra ? "z.object" : "z.looseObject";
  const object = lines.length ? `${constructor}({\n${lines.join("\n")}\n${indent}})` : `${constructor}({})`;
  return extra ? `${object}.catchall(${extra})` : object;
}
