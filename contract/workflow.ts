/** What a workflow is: a graph of tasks. Who runs it, and who only looks at it, read it alike. */
import { z } from "zod";
import { PRIORITIES } from "./tasks.ts";

/** Agent type that runs workflows, and its actions. */
export const COORDINATOR = "coordinator";
export const RUN_WORKFLOW = "run_workflow";
export const SETTLE_WORKFLOW = "settle_workflow";
/** Schema in PostgreSQL where the coordinator writes down how far each run is. */
export const WORKFLOWS_SCHEMA = "workflows";

/** Steps of one workflow, and items of one fan-out. */
export const MAX_STEPS = 200;
export const MAX_ITEMS = 1_000;

export const StepId = z.string().regex(/^[a-z][a-z0-9_-]{0,63}$/, "lower case letters, digits, - and _, starting with a letter");

const Reference = z.strictObject({
  $from: z.string().min(1).max(500)
    .describe("`input.…`, `steps.<id>.result.…`, `steps.<id>.state` or `steps.<id>.error`; under forEach also `item.…` and `index`, in compensate `result.…`."),
  default: z.unknown().optional().describe("Instead of a failure, where the value is not there."),
});

/** Holds when the value equals, differs, or, with neither given, is neither false, null, 0 nor empty text. */
const Condition = Reference.extend({
  equals: z.unknown().optional(),
  differs: z.unknown().optional(),
}).refine((condition) => !("equals" in condition && "differs" in condition), "give equals or differs, not both");
export type Condition = z.output<typeof Condition>;

const Job = {
  type: z.string().min(1).max(64).describe("Agent type, as in `builder`."),
  action: z.string().min(1).max(64).describe("One of the type's actions."),
  input: z.record(z.string(), z.unknown()).default({}).describe('The action\'s input; any value in it may be a reference `{"$from": "steps.compile.result.hash"}`.'),
  retries: z.number().int().min(0).max(19).optional().describe("Attempts after the first; default: the type's policy."),
};

/** What undoes a step that has succeeded. References see what the step saw, and `result`: what it, or this item of it, answered. */
export const Compensation = z.strictObject(Job);
export type Compensation = z.output<typeof Compensation>;

export const Step = z.strictObject({
  id: StepId.describe("Names the step in references and results."),
  ...Job,
  needs: z.array(StepId).max(MAX_STEPS).default([]).describe("Steps that come first, beside those that it refers to."),
  when: z.union([Condition, z.array(Condition).max(20)]).optional().describe("Runs only when all of these hold; else it is skipped, and so is what needs it."),
  forEach: z.union([Reference, z.array(z.unknown()).max(MAX_ITEMS)]).optional()
    .describe(`A list, or a reference to one, of at most ${MAX_ITEMS} items: one task for each, whose results are the step's result, in order.`),
  parallel: z.number().int().min(1).max(64).optional().describe("Items under way at once; default and limit: the workflow's."),
  compensate: Compensation.optional().describe("Undoes the step, should the workflow fail or be cancelled after it has succeeded: the last to end is undone first."),
  priority: z.enum(PRIORITIES).optional().describe("Default: the workflow's."),
  allowFailure: z.boolean().default(false).describe("Its failure fails neither the workflow nor the steps that need it; items that failed are null in its result."),
});
export type Step = z.output<typeof Step>;

export const Workflow = z.strictObject({
  $schema: z.string().max(500).optional().describe("Where an editor finds this schema."),
  name: z.string().max(200).optional().describe("For people."),
  input: z.record(z.string(), z.unknown()).default({}).describe("What references to `input.…` read."),
  steps: z.array(Step).min(1).max(MAX_STEPS).describe("In any order: references and needs give the order."),
  output: z.record(z.string(), z.unknown()).optional()
    .describe("What the run answers, with references to input and steps; without it, every step's result."),
  onFailure: z.enum(["stop", "finish"]).default("stop").describe("After a step has failed: cancel what runs, or let finish what does not need it. Either way the workflow fails."),
  parallel: z.number().int().min(1).max(64).default(8).describe("Tasks under way at once."),
  priority: z.enum(PRIORITIES).default("normal").describe("Of every step that has none of its own."),
});
export type Workflow = z.output<typeof Workflow>;

/** What a step, or one item of it, has come to. */
export const STEP_STATES = ["waiting", "running", "succeeded", "failed", "cancelled", "skipped"] as const;
export type StepState = (typeof STEP_STATES)[number];

/** Of the run as the coordinator writes it down; `settling`: it has failed or been cancelled, and is being undone. */
export const RUN_STATES = ["running", "settling", "succeeded", "failed", "cancelled"] as const;
export type RunState = (typeof RUN_STATES)[number];

export const conditionsOf = (step: Step): Condition[] => (step.when === undefined ? [] : Array.isArray(step.when) ? step.when : [step.when]);

/** What is wrong with the form of a workflow, one line each, naming the step where there is one. */
export function formProblems(error: z.core.$ZodError, raw: unknown): string[] {
  const steps = (raw as { steps?: unknown } | null)?.steps;
  return error.issues.map(({ path, message }) => {
    const [first, index, ...rest] = path;
    const id = first === "steps" && Array.isArray(steps) ? (steps[index as number] as { id?: unknown } | null)?.id : undefined;
    if (first === "steps" && index !== undefined) {
      const name = typeof id === "string" ? `step "${id}"` : `step ${Number(index) + 1}`;
      return `${[name, rest.join(".")].filter(Boolean).join(": ")}: ${message}`;
    }
    return path.length > 0 ? `${path.join(".")}: ${message}` : message;
  });
}

/** JSON Schema 2020-12 of a workflow as it is written, published as docs/workflow.schema.json. */
export function workflowJsonSchema(): Record<string, unknown> {
  return {
    ...z.toJSONSchema(Workflow, { io: "input" }),
    title: "Workflow of the Flash Loan MCP System",
    description: "A graph of tasks; docs/WORKFLOWS.md tells how it is run.",
  };
}
