import type { Workflow } from "./definition.ts";

/** A workflow holds a place of the coordinator while it waits; enough of them waiting for others would wait for ever. */
export function nestedWorkflows({ steps }: Pick<Workflow, "steps">): string[] {
  return steps
    .filter(({ type, action }) => type === "coordinator" && action === "run_workflow")
    .map(({ id }) => `step "${id}" runs a workflow inside a workflow; put its steps into this one`);
}
