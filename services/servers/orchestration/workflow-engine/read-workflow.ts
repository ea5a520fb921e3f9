/** A workflow as a caller gives it: YAML or JSON text, or an object. */
import { parseDocument } from "yaml";
import { z } from "zod";
import type { ActionsAnswer } from "../../../../contract/tasks.ts";
import { actionProblems } from "../../../../contract/workflow-actions.ts";
import { graphOf, type Graph } from "../../../../contract/workflow-graph.ts";
import { formProblems, Workflow } from "../../../../contract/workflow.ts";

/** The task API takes no body beyond 1 MiB. */
const MAX_TEXT = 1_000_000;

export const WorkflowInput = z.union([z.string().min(1).max(MAX_TEXT), z.record(z.string(), z.unknown())])
  .describe("The workflow: YAML or JSON text, or an object, by docs/workflow.schema.json.");
export const InputOverride = z.record(z.string(), z.unknown()).default({}).describe("Values that stand in for those of the workflow's own input, by name.");

export type Reading = { workflow: Workflow; graph: Graph } | { problems: string[] };

/** Form and graph; what the agents can do is not asked. */
export function readWorkflow(given: z.output<typeof WorkflowInput>, input: Record<string, unknown> = {}): Reading {
  const raw = typeof given === "string" ? parseText(given) : { value: given };
  if ("problems" in raw) return raw;
  const parsed = Workflow.safeParse(raw.value);
  if (!parsed.success) return { problems: formProblems(parsed.error, raw.value) };
  const workflow = { ...parsed.data, input: { ...parsed.data.input, ...input } };
  const graph = graphOf(workflow);
  return "problems" in graph ? graph : { workflow, graph };
}

/** Everything that is wrong with a workflow, with what the deployed agents can do. */
export function allProblems(reading: Reading, types: ActionsAnswer["types"]): string[] {
  return "problems" in reading ? reading.problems : actionProblems(reading.workflow, types).map(({ message }) => message);
}

function parseText(text: string): { value: unknown } | { problems: string[] } {
  const document = parseDocument(text);
  const problems = document.errors.map(({ message }) => message.split("\n")[0]!.replace(/:$/, ""));
  if (problems.length > 0) return { problems };
  try {
    return { value: document.toJS() };
  } catch (error) {
    // More aliases than any text needs that people write.
    return { problems: [(error as Error).message] };
  }
}
