/** JSON Schema → TypeScript types. */
import { keyText, localRef, typeName, type JsonSchema } from "./json-schema.ts";

const INEXPRESSIBLE = new Set([
  "pattern", "format", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
  "multipleOf", "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties", "not", "if", "then", "else",
  "dependentRequired", "dependentSchemas", "patternProperties", "propertyNames", "contains", "unevaluatedProperties",
]);

/** Source text with a `type` for the schema and each of its `$defs`. What a type cannot say is added to `notes`. */
export function toTypeScript(schema: JsonSchema, name: string, notes: Set<string>): string {
  const definitions = { ...schema.$defs, ...(schema.definitions as Record<string, JsonSchema> | undefined) };
  const declare = (label: string, body: JsonSchema): string => `${comment(body, "")}export type ${label} = ${typeText(body, "", notes)};\n`;
  return [...Object.entries(definitions).map(([key, body]) => declare(typeName(key), body)), declare(typeName(name), schema)].join("\n");
}

function comment(schema: JsonSchema, indent: string): string {
  return schema.description ? `${indent}/** ${schema.description.replaceAll("*/", "* /").replace(/\s+/g, " ")} */\n` : "";
}

const union = (members: string[]): string => {
  const distinct = [...new Set(members)];
  return distinct.includes("unknown") ? "unknown" : distinct.join(" | ");
};
const grouped = (text: string): string => (/[|&]/.test(text) && !/^\{[\s\S]*\}$/.test(text) ? `(${text})` : text);

function typeText(schema: JsonSchema, indent: string, notes: Set<string>): string {
  for (const keyword of Object.keys(schema)) {
    const saidByTuple = keyword === "minItems" && schema.minItems === schema.prefixItems?.length;
    if (INEXPRESSIBLE.has(keyword) && !saidByTuple) notes.add(`${keyword} is not expressible as a type and was left out`);
  }
  if (schema.$ref !== undefined) {
    const target = localRef(schema.$ref);
    if (target) return typeName(target);
    notes.add(`$ref ${schema.$ref} points outside the document and became unknown`);
    return "unknown";
  }
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.length ? union(schema.enum.map((value) => JSON.stringify(value))) : "never";
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (schema.oneOf) notes.add("oneOf became a union: that only one matches is not checked");
  if (alternatives) return union(alternatives.map((member) => typeText(member, indent, notes)));
  if (schema.allOf) return schema.allOf.map((member) => grouped(typeText(member, indent, notes))).join(" & ");
  if (Array.isArray(schema.type)) return union(schema.type.map((type) => typeText({ ...schema, type }, indent, notes)));
  switch (schema.type ?? (schema.properties ? "object" : schema.items || schema.prefixItems ? "array" : undefined)) {
    case "string": return "string";
    case "integer":
      notes.add("integer became number");
      return "number";
    case "number": return "number";
    case "boolean": return "boolean";
    case "null": return "null";
    case "array": return arrayText(schema, indent, notes);
    case "object": return objectText(schema, indent, notes);
    default: return "unknown";
  }
}

function arrayText(schema: JsonSchema, indent: string, notes: Set<string>): string {
  const rest = schema.items ? `${grouped(typeText(schema.items, indent, notes))}[]` : "unknown[]";
  if (!schema.prefixItems) return rest;
  const members = schema.prefixItems.map((item) => typeText(item, indent, notes));
  return `[${[...members, ...(schema.items === false ? [] : [`...${rest}`])].join(", ")}]`;
}

function objectText(schema: JsonSchema, indent: string, notes: Set<string>): string {
  const properties = Object.entries(schema.properties ?? {});
  const extra = typeof schema.additionalProperties === "object" ? schema.additionalProperties : null;
  if (!properties.length) return `Record<string, ${extra ? typeText(extra, indent, notes) : schema.additionalProperties === false ? "never" : "unknown"}>`;
  const inner = `${indent}  `;
  const required = new Set(schema.required ?? []);
  const lines = properties.map(([key, body]) =>
    `${comment(body, inner)}${inner}${keyText(key)}${required.has(key) ? "" : "?"}: ${typeText(body, inner, notes)};`);
  const object = `{\n${lines.join("\n")}\n${indent}}`;
  return extra ? `${object} & Record<string, ${typeText(extra, indent, notes)}>` : object;
}
