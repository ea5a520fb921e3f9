/** The part of JSON Schema 2020-12 that the conversions understand. */
export interface JsonSchema {
  type?: string | string[];
  description?: string;
  enum?: unknown[];
  const?: unknown;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: boolean | JsonSchema;
  items?: JsonSchema | false;
  prefixItems?: JsonSchema[];
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  allOf?: JsonSchema[];
  $ref?: string;
  $defs?: Record<string, JsonSchema>;
  [keyword: string]: unknown;
}

export const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/** A property name as source code. */
export const keyText = (key: string): string => (IDENTIFIER.test(key) ? key : JSON.stringify(key));

/** Name of the `$defs` entry that a local reference points at; null for any other reference. */
export function localRef(ref: string): string | null {
  const match = /^#\/(?:\$defs|definitions)\/([^/]+)$/.exec(ref);
  return match ? decodeURIComponent(match[1]!).replaceAll("~1", "/").replaceAll("~0", "~") : null;
}

/** A type name that TypeScript accepts. */
export function typeName(name: string): string {
  const words = name.replace(/[^A-Za-z0-9_$]+/g, " ").trim().split(" ").filter(Boolean);
  const joined = words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join("");
  return IDENTIFIER.test(joined) ? joined : `T${joined}`;
}
