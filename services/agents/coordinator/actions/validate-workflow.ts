import { z } from "zod";
import { actionProblems } from "../../../../contract/workflow-actions.ts";
import { graphOf } from "../../../../contract/workflow-graph.ts";
import { Workflow } from "../../../../contract/workflow.ts";
import { defineAction } from "../../../kit/agent.ts";
import type { CoordinatorDeps } from "../deps.ts";

export const validateWorkflow = defineAction<CoordinatorDeps>()({
  name: "validate_workflow",
  description: "Checks a workflow without running it: the order of its steps in waves, or everything that is wrong with its graph, actions and inputs.",
  input: Workflow,
  output: z.object({
    valid: z.boolean(),
    waves: z.array(z.array(z.string())).describe("Step ids; those of a wave can run at once. Empty when not valid."),
    problems: z.array(z.string()).describe("What has to be corrected."),
    notDeployed: z.array(z.string()).describe("Steps whose agent type is not deployed now; it may be when the workflow runs."),
  }),
  async handler(workflow, { deps, signal }) {
    const graph = graphOf(workflow);
    const found = actionProblems(workflow, await deps.hub.listActions(signal));
    const problems = [...("problems" in graph ? graph.problems : []), ...found.filter(({ kind }) => kind !== "not_deployed").map(({ message }) => message)];
    return {
      valid: problems.length === 0,
      waves: problems.length === 0 && "waves" in graph ? graph.waves : [],
      problems,
      notDeployed: found.filter(({ kind }) => kind === "not_deployed").map(({ message }) => message),
    };
  },
});
