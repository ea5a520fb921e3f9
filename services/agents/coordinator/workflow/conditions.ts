import { isDeepStrictEqual } from "node:util";
import type { Condition } from "../../../../contract/workflow.ts";
import { readReference, type Scope } from "./resolve.ts";

/** @throws {PermanentError} for a reference without a value and without a default */
export function holds(condition: Condition, scope: Scope): boolean {
  const value = readReference(condition, scope);
  if ("equals" in condition) return isDeepStrictEqual(value, condition.equals);
  if ("differs" in condition) return !isDeepStrictEqual(value, condition.differs);
  return Boolean(value);
}
