import { z } from "zod";
import { conditionsOf } from "../../../../../contract/workflow.ts";
import { UserFault } from "../../../../kit/errors.ts";
import { defineTool } from "../../../../kit/tool.ts";
import type { Deps } from "../deps.ts";
import { conditionText, mermaidOf } from "../mermaid.ts";
import { InputOverride, readWorkflow, WorkflowInput } from "../read-workflow.ts";

export const explainWorkflow = defineTool<Deps>()({
  name: "explain_workflow",
  title: "Explain a workflow",
  description: "Shows in which order a workflow runs and why: its steps by waves, what each needs, on which condition it runs and what undoes it, and the graph as a Mermaid flowchart. Nothing runs, and no agent is asked.",
  input: z.strictObject({ workflow: WorkflowInput, input: InputOverride }).meta({
    examples: [{ workflow: { steps: [{ id: "hello", type: "coordinator", action: "echo" }, { id: "after", type: "coordinator", action: "echo", needs: ["hello"] }] } }],
  }),
  output: z.object({
    name: z.string().nullable().describe("As the workflow says."),
    waves: z.array(z.array(z.string())).describe("Step ids; those of a wave can run at once, once the waves before are done."),
    steps: z.array(z.object({
      id: z.string().describe("As the workflow names it."),
      wave: z.int().describe("From 1."),
      runs: z.string().describe("Type and action, as in builder.compile_solidity."),
      needs: z.array(z.string()).describe("Steps that come first, named in needs or read by a reference."),
      when: z.array(z.string()).describe("Conditions, all of which must hold."),
      forEach: z.boolean().describe("One task for each item of a list."),
      undoneBy: z.string().nullable().describe("Type and action that undo it when the workflow fails or is cancelled."),
      mayFail: z.boolean().describe("Its failure does not fail the workflow."),
    })).describe("In the order of the workflow."),
    onFailure: z.enum(["stop", "finish"]).describe("stop: the first failure cancels what runs. finish: what does not need the failed step still runs."),
    mermaid: z.string().describe("Flowchart. Solid arrows lead to what needs a step, dotted ones to what undoes it."),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  async handler({ workflow: given, input }) {
    const reading = readWorkflow(given, input);
    if ("problems" in reading) throw new UserFault(`The workflow cannot run: ${reading.problems.join("; ")}.`);
    const { workflow, graph } = reading;
    return {
      name: workflow.name ?? null,
      waves: graph.waves,
      steps: workflow.steps.map((step) => ({
        id: step.id,
        wave: graph.waves.findIndex((wave) => wave.includes(step.id)) + 1,
        runs: `${step.type}.${step.action}`,
        needs: [...graph.needs.get(step.id)!],
        when: conditionsOf(step).map(conditionText),
        forEach: step.forEach !== undefined,
        undoneBy: step.compensate ? `${step.compensate.type}.${step.compensate.action}` : null,
        mayFail: step.allowFailure,
      })),
      onFailure: workflow.onFailure,
      mermaid: mermaidOf(workflow, graph),
    };
  },
});
