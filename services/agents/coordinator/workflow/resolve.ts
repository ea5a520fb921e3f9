/** What references read. */
import { isObject, isTemplate, parseReference, type Template } from "../../../../contract/workflow-references.ts";
import { PermanentError } from "../../../kit/errors.ts";

export interface Scope {
  input: Readonly<Record<string, unknown>>;
  steps: Readonly<Record<string, { state: string; result?: unknown; error?: unknown }>>;
  /** Of a fan-out: the item and its place. */
  item?: unknown;
  index?: number;
  /** In a compensation: what is undone had answered. */
  result?: unknown;
}

/**
 * A copy of `value` with every reference replaced by what it reads.
 *
 * @throws {PermanentError} naming a reference without a value and without a default
 */
export function resolve(value: unknown, scope: Scope): unknown {
  if (isTemplate(value)) return readReference(value, scope);
  if (Array.isArray(value)) return value.map((item) => resolve(item, scope));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolve(item, scope)]));
}

/** @throws {PermanentError} as {@link resolve} */
export function readReference(template: Template, scope: Scope): unknown {
  const reference = parseReference(template.$from);
  if (typeof reference === "string") throw new PermanentError(`Reference ${reference}.`);
  let value: unknown = scope;
  for (const key of [reference.root, ...(reference.step === null ? [] : [reference.step]), ...reference.path]) {
    value = ownMember(value, key);
    if (value !== undefined) continue;
    if ("default" in template) return template.default;
    throw new PermanentError(`Reference "${template.$from}": there is no "${key}". Give it a default, or correct it.`);
  }
  return value;
}

/** Never an inherited member: `constructor` is no result. */
function ownMember(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
}
