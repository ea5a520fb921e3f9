import { isDeepStrictEqual } from "node:util";
import type { Condition } from "./definition.ts";
import { readReference, type Scope } from "./references.ts";

/** @throws {PermanentError} for a reference without a value and without a default */
export function holds(condition: Condition, scope: Scope): boolean {
  const value = readReference(condition, scope);
  if ("equals" in condition) return isDeepStrictEqual(value, condition.equals);
  if ("differs" in condition) return !isDeepStrictEqual(value, condition.differs);
  return Boolean(value);
}
