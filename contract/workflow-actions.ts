/** Steps against what the deployed agents can do: unknown types and actions, inputs that cannot fit. */
import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";
import type { FormatsPlugin } from "ajv-formats";
import ajvFormats from "ajv-formats";
import type { ActionsAnswer } from "./tasks.ts";
import { templatesIn } from "./workflow-references.ts";
import type { Workflow } from "./workflow.ts";

type Types = ActionsAnswer["types"];

export interface ActionProblem {
  /** An agent type may come and go; the others are wrong for good. */
  kind: "not_deployed" | "unknown_action" | "bad_input";
  /** Names the step, what it asks for and what there is. */
  message: string;
}

export function actionProblems({ steps }: Pick<Workflow, "steps">, types: Types): ActionProblem[] {
  const deployed = new Map(types.map((entry) => [entry.type, entry.actions]));
  const checks = new Map<object, ValidateFunction | null>();
  return steps.flatMap((step) => [{ name: `step "${step.id}"`, job: step }, ...(step.compensate ? [{ name: `compensate of step "${step.id}"`, job: step.compensate }] : [])])
    .flatMap(({ name, job: { type, action, input } }): ActionProblem[] => {
      const actions = deployed.get(type);
      if (!actions) return [{ kind: "not_deployed", message: `${name}: agent type "${type}" is not deployed; deployed is ${[...deployed.keys()].sort().join(", ") || "none"}` }];
      const found = actions.find((entry) => entry.name === action);
      if (!found) {
        return [{ kind: "unknown_action", message: `${name}: ${type} has no action "${action}"; its actions are ${actions.map((entry) => entry.name).sort().join(", ")}` }];
      }
      if (!checks.has(found)) checks.set(found, compile(found.input));
      return inputProblems(checks.get(found)!, input).map((problem) => ({ kind: "bad_input", message: `${name}: ${problem}` }));
    });
}

function compile(schema: Record<string, unknown>): ValidateFunction | null {
  const ajv = new Ajv2020({ allErrors: true, strict: false });
  (ajvFormats as unknown as FormatsPlugin)(ajv);
  try {
    return ajv.compile(schema);
  } catch {
    // The hub leaves out an action whose schema is not valid and refuses its tasks itself.
    return null;
  }
}

/** What is wrong whatever the references in the input will read. */
function inputProblems(validate: ValidateFunction | null, input: unknown): string[] {
  if (!validate || validate(input)) return [];
  const open = templatesIn(input).map(({ pointer }) => pointer);
  const problems = (validate.errors ?? []).filter((error) => !dependsOn(error, open)).map(describe);
  return [...new Set(problems)];
}

/** Keywords that judge a value by what is inside it. */
const BY_CONTENT = /\/(anyOf|oneOf|not|if|then|else|uniqueItems|contains|enum|const)(\/|$)/;

function dependsOn({ instancePath, schemaPath }: ErrorObject, open: readonly string[]): boolean {
  const below = (path: string, ancestor: string): boolean => path === ancestor || path.startsWith(`${ancestor}/`);
  return open.some((pointer) => below(instancePath, pointer) || (below(pointer, instancePath) && BY_CONTENT.test(schemaPath)));
}

function describe({ instancePath, keyword, params, message }: ErrorObject): string {
  const at = `input${instancePath}`;
  if (keyword === "required") return `${at}/${String(params["missingProperty"])} is missing`;
  if (keyword === "additionalProperties" || keyword === "unevaluatedProperties") {
    return `${at}/${String(params["additionalProperty"] ?? params["unevaluatedProperty"])} is an unknown field`;
  }
  if (keyword === "enum") return `${at} must be one of ${(params["allowedValues"] as unknown[]).map((value) => JSON.stringify(value)).join(", ")}`;
  return `${at} ${message ?? `does not fit ${keyword}`}`;
}
