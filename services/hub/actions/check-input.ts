/** Task inputs against the JSON Schema (2020-12) of their action. */
import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";
import type { FormatsPlugin } from "ajv-formats";
import ajvFormats from "ajv-formats";
import type { Problem } from "../../../contract/tasks.ts";

export type FieldErrors = NonNullable<Problem["errors"]>;
export type CheckInput = (input: unknown) => FieldErrors;

/** @throws when the schema itself is not valid */
export function compileInputCheck(schema: Record<string, unknown>): CheckInput {
  const ajv = new Ajv2020({ allErrors: true, verbose: true, strict: false, allowUnionTypes: true });
  (ajvFormats as unknown as FormatsPlugin)(ajv);
  const validate: ValidateFunction = ajv.compile(schema);
  return (input) => {
    if (validate(input)) return [];
    const errors = (validate.errors ?? []).map(describe);
    const seen = new Set<string>();
    return errors.filter(({ path, message }) => !seen.has(`${path} ${message}`) && seen.add(`${path} ${message}`));
  };
}

const pointer = (part: unknown): string => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`;

function describe({ instancePath, keyword, params, message, parentSchema }: ErrorObject): FieldErrors[number] {
  const path = `/input${instancePath}`;
  switch (keyword) {
    case "required":
      return { path: path + pointer(params["missingProperty"]), message: "is missing" };
    case "additionalProperties":
    case "unevaluatedProperties": {
      const allowed = Object.keys((parentSchema as { properties?: object } | undefined)?.properties ?? {});
      const unknown = params["additionalProperty"] ?? params["unevaluatedProperty"];
      return { path: path + pointer(unknown), message: `unknown field; ${allowed.length > 0 ? `there are ${allowed.join(", ")}` : "there are none"}` };
    }
    case "enum":
      return { path, message: `must be one of ${(params["allowedValues"] as unknown[]).map((value) => JSON.stringify(value)).join(", ")}` };
    case "const":
      return { path, message: `must be ${JSON.stringify(params["allowedValue"])}` };
    default:
      return { path, message: message ?? `does not fit ${keyword}` };
  }
}
