/** Whether a tool's schema is one. Pure. */
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";

/** Validators compile by recursion: how much deeper they get depends on the stack that is left. */
const DEEPEST = 100;

/**
 * Why a client could not use a schema; null when it can. A reference that leads out of the schema is never followed.
 *
 * @param schema JSON Schema 2020-12, as servers give it
 */
export function wrongSchema(schema: unknown): string | null {
  if (typeof schema !== "object" || schema === null || Array.isArray(schema)) return "it is no object";
  try {
    const trouble = troubleIn(schema);
    if (trouble !== null) return trouble;
    const ajv = new Ajv2020({ strict: false, logger: false });
    formats.default(ajv);
    ajv.compile(schema);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message.slice(0, 300) : String(error);
  }
}

function troubleIn(value: unknown, depth = 0): string | null {
  if (typeof value !== "object" || value === null) return null;
  if (depth > DEEPEST) return `it is nested deeper than ${DEEPEST} levels`;
  for (const [key, inner] of Object.entries(value)) {
    if ((key === "$ref" || key === "$dynamicRef") && typeof inner === "string" && /^[a-z][a-z0-9+.-]*:|^\/\//i.test(inner)) {
      return `it refers to ${inner.slice(0, 200)}, which no client should fetch`;
    }
    const deeper = troubleIn(inner, depth + 1);
    if (deeper !== null) return deeper;
  }
  return null;
}
