/** References in workflows: `{"$from": "steps.compile.result.contracts.0.abi"}`. */

/** What a reference may start with, beside a step. `item` and `index` exist under forEach, `result` in a compensation. */
export const ROOTS = ["input", "item", "index", "result"] as const;
export type Root = (typeof ROOTS)[number];

export interface ParsedReference {
  /** As written, for messages. */
  text: string;
  root: Root | "steps";
  /** Step it reads; null for another root. */
  step: string | null;
  /** Keys and array indexes below that, in order. */
  path: string[];
}

const STEP_FIELDS = ["result", "state", "error"];

/** @returns what is wrong with it as text, where it is not a reference one can follow */
export function parseReference(text: string): ParsedReference | string {
  const parts = text.split(".");
  if (parts.some((part) => part === "")) return `"${text}" has an empty part`;
  const root = ROOTS.find((name) => name === parts[0]);
  if (root !== undefined) return { text, root, step: null, path: parts.slice(1) };
  if (parts[0] !== "steps" || parts.length < 3) return `"${text}" must start with input. or steps.<id>.result`;
  if (!STEP_FIELDS.includes(parts[2]!)) return `"${text}" reads "${parts[2]}" of a step; a step has ${STEP_FIELDS.join(", ")}`;
  return { text, root: "steps", step: parts[1]!, path: parts.slice(2) };
}

export interface Template { $from: string; default?: unknown }

export const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

export const isTemplate = (value: unknown): value is Template => isObject(value) && typeof value.$from === "string";

/** Every reference anywhere in a value, with the JSON pointer of its place. Defaults are not looked into. */
export function templatesIn(value: unknown, pointer = ""): { template: Template; pointer: string }[] {
  if (isTemplate(value)) return [{ template: value, pointer }];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => templatesIn(item, `${pointer}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`));
}
