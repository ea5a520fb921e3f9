/** What a workflow is: a graph of tasks. */
import { z } from "zod";
import { PRIORITIES } from "../../../../contract/tasks.ts";

export const StepId = z.string().regex(/^[a-z][a-z0-9_-]{0,63}$/, "lower case letters, digits, - and _, starting with a letter");

const Reference = z.strictObject({
  $from: z.string().min(1).max(500).describe("`input.…`, `steps.<id>.result.…`, `steps.<id>.state` or `steps.<id>.error`."),
  default: z.unknown().optional().describe("Instead of a failure, where the value is not there."),
});

/** Holds when the value equals, differs, or, with neither given, is neither false, null, 0 nor empty text. */
const Condition = Reference.extend({
  equals: z.unknown().optional(),
  differs: z.unknown().optional(),
}).refine((condition) => !("equals" in condition && "differs" in condition), "give equals or differs, not both");
export type Condition = z.output<typeof Condition>;

export const Step = z.strictObject({
  id: StepId.describe("Names the step in references and results."),
  type: z.string().min(1).max(64).describe("Agent type, as in `builder`."),
  action: z.string().min(1).max(64).describe("One of the type's actions."),
  input: z.record(z.string(), z.unknown()).default({}).describe('The action\'s input; any value in it may be a reference `{"$from": "steps.compile.result.hash"}`.'),
  needs: z.array(StepId).max(200).default([]).describe("Steps that come first, beside those that input and when refer to."),
  when: z.union([Condition, z.array(Condition).max(20)]).optional().describe("Runs only when all of these hold; else it is skipped, and so is what needs it."),
  retries: z.number().int().min(0).max(19).optional().describe("Attempts after the first; default: the type's policy."),
  priority: z.enum(PRIORITIES).optional().describe("Default: the workflow's."),
  allowFailure: z.boolean().default(false).describe("Its failure fails neither the workflow nor the steps that need it."),
});
export type Step = z.output<typeof Step>;

export const Workflow = z.strictObject({
  name: z.string().max(200).optional().describe("For people."),
  input: z.record(z.string(), z.unknown()).default({}).describe("What references to `input.…` read."),
  steps: z.array(Step).min(1).max(200).describe("In any order: references and needs give the order."),
  onFailure: z.enum(["stop", "finish"]).default("stop").describe("After a step has failed: cancel what runs, or let finish what does not need it. Either way the workflow fails."),
  parallel: z.number().int().min(1).max(64).default(8).describe("Steps under way at once."),
  priority: z.enum(PRIORITIES).default("normal").describe("Of every step that has none of its own."),
});
export type Workflow = z.output<typeof Workflow>;

export const conditionsOf = (step: Step): Condition[] => (step.when === undefined ? [] : Array.isArray(step.when) ? step.when : [step.when]);
