import { z } from "zod";
import { defineTool } from "../../../../kit/tool.ts";
import type { Deps } from "../deps.ts";
import { allProblems, InputOverride, readWorkflow, WorkflowInput } from "../read-workflow.ts";

export const validateWorkflow = defineTool<Deps>()({
  name: "validate_workflow",
  title: "Validate a workflow",
  description: "Checks a workflow without running it: its form, circles and steps that are not there, references that lead nowhere, actions that no deployed agent has, and inputs that do not fit their action. Answers everything that is wrong, naming the step.",
  input: z.strictObject({ workflow: WorkflowInput, input: InputOverride }).meta({
    examples: [{ workflow: "steps:\n  - { id: hello, type: coordinator, action: echo, input: { payload: hello } }\n" }],
  }),
  output: z.object({
    valid: z.boolean().describe("It can be started now."),
    problems: z.array(z.string()).describe("One line each, naming the step."),
    waves: z.array(z.array(z.string())).describe("Step ids; those of a wave can run at once, once the waves before are done. Empty where the graph is wrong."),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  async handler({ workflow, input }, { deps, signal }) {
    const reading = readWorkflow(workflow, input);
    const problems = allProblems(reading, await deps.hub.listActions(signal));
    return { valid: problems.length === 0, problems, waves: "graph" in reading ? reading.graph.waves : [] };
  },
});
