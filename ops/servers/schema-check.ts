/** Whether a tool's schema is one. Pure. */
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";

/**
 * Why a client could not use a schema; null when it can. A reference that leads out of the schema is never followed.
 *
 * @param schema JSON Schema 2020-12, as servers give it
 */
export function wrongSchema(schema: unknown): string | null {
  if (typeof schema !== "object" || schema === null || Array.isArray(schema)) return "it is no object";
  try {
    const outside = outsideReference(schema);
    if (outside !== null) return `it refers to ${outside.slice(0, 200)}, which no client should fetch`;
    const ajv = new Ajv2020({ strict: false, logger: false });
    formats.default(ajv);
    ajv.compile(schema);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message.slice(0, 300) : String(error);
  }
}

function outsideReference(value: unknown): string | null {
  if (typeof value !== "object" || value === null) return null;
  for (const [key, inner] of Object.entries(value)) {
    if ((key === "$ref" || key === "$dynamicRef") && typeof inner === "string" && /^[a-z][a-z0-9+.-]*:|^\/\//i.test(inner)) return inner;
    const deeper = outsideReference(inner);
    if (deeper !== null) return deeper;
  }
  return null;
}
