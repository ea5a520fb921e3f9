/** References in templates: `{"$from": "steps.compile.result.contracts.0.abi"}`. */
import { PermanentError } from "../../../kit/errors.ts";

export interface ParsedReference {
  /** As written, for messages. */
  text: string;
  /** Step it reads; null for the workflow's input. */
  step: string | null;
  /** Keys and array indexes below that root, in order. */
  path: string[];
}

export interface Scope {
  input: Readonly<Record<string, unknown>>;
  steps: Readonly<Record<string, { state: string; result?: unknown; error?: unknown }>>;
}

const STEP_FIELDS = ["result", "state", "error"];

/** @returns what is wrong with it as text, where it is not a reference one can follow */
export function parseReference(text: string): ParsedReference | string {
  const parts = text.split(".");
  if (parts.some((part) => part === "")) return `"${text}" has an empty part`;
  if (parts[0] === "input") return { text, step: null, path: parts.slice(1) };
  if (parts[0] !== "steps" || parts.length < 3) return `"${text}" must start with input. or steps.<id>.result`;
  if (!STEP_FIELDS.includes(parts[2]!)) return `"${text}" reads "${parts[2]}" of a step; a step has ${STEP_FIELDS.join(", ")}`;
  return { text, step: parts[1]!, path: parts.slice(2) };
}

interface Template { $from: string; default?: unknown }

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

export const isTemplate = (value: unknown): value is Template => isObject(value) && typeof value.$from === "string";

/** The `$from` texts anywhere in a value. */
export function referencesIn(value: unknown): string[] {
  if (isTemplate(value)) return [value.$from];
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  return isObject(value) ? Object.values(value).flatMap(referencesIn) : [];
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
  const { step, path } = reference;
  let value: unknown = step === null ? scope.input : ownMember(scope.steps, step);
  let missing = value === undefined ? step : null;
  for (const key of path) {
    if (missing !== null) break;
    value = ownMember(value, key);
    if (value === undefined) missing = key;
  }
  if (missing === null) return value;
  if ("default" in template) return template.default;
  throw new PermanentError(`Reference "${template.$from}": there is no "${missing}". Give it a default, or correct it.`);
}

/** Never an inherited member: `constructor` is no result. */
function ownMember(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
}
