import { z } from "zod";
import { defineAction } from "../../../kit/agent.ts";
import type { CoordinatorDeps } from "../deps.ts";
import { Workflow } from "../workflow/definition.ts";
import { graphOf } from "../workflow/graph.ts";
import { nestedWorkflows } from "../workflow/no-nesting.ts";

export const validateWorkflow = defineAction<CoordinatorDeps>()({
  name: "validate_workflow",
  description: "Checks a workflow without running it: the order of its steps in waves, or everything that is wrong, and steps that no deployed agent could take.",
  input: Workflow,
  output: z.object({
    valid: z.boolean(),
    waves: z.array(z.array(z.string())).describe("Step ids; those of a wave can run at once. Empty when not valid."),
    problems: z.array(z.string()).describe("What has to be corrected."),
    notDeployed: z.array(z.string()).describe("Steps whose agent type or action is not deployed now; it may be when the workflow runs."),
  }),
  async handler(workflow, { deps, signal }) {
    const graph = graphOf(workflow);
    const problems = [...("problems" in graph ? graph.problems : []), ...nestedWorkflows(workflow)];
    const deployed = new Map((await deps.hub.listActions(signal)).map(({ type, actions }) => [type, new Set(actions.map(({ name }) => name))]));
    const notDeployed = workflow.steps.filter(({ type, action }) => !deployed.get(type)?.has(action)).map(({ id, type, action }) => `${id}: ${type}.${action}`);
    return { valid: problems.length === 0, waves: problems.length === 0 && "waves" in graph ? graph.waves : [], problems, notDeployed };
  },
});
