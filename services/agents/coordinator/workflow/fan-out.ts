/** The list of a step with forEach. */
import { MAX_ITEMS, type Step } from "../../../../contract/workflow.ts";
import { isTemplate } from "../../../../contract/workflow-references.ts";
import { PermanentError } from "../../../kit/errors.ts";
import { resolve, type Scope } from "./resolve.ts";

/** @throws {PermanentError} when it is no list, or one that is too long */
export function listOf({ forEach }: Pick<Step, "forEach">, scope: Scope): unknown[] {
  const list = resolve(forEach, scope);
  const from = isTemplate(forEach) ? `"${forEach.$from}"` : "forEach";
  if (!Array.isArray(list)) throw new PermanentError(`${from} is no list.`);
  if (list.length > MAX_ITEMS) throw new PermanentError(`${from} has ${list.length} items; at most ${MAX_ITEMS} can be worked on. Do it in portions.`);
  return list;
}
