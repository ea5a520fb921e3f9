/** A workflow as a Mermaid flowchart. */
import type { Graph } from "../../../../contract/workflow-graph.ts";
import { conditionsOf, type Condition, type Step, type Workflow } from "../../../../contract/workflow.ts";

/** Quotes end a label, and Mermaid reads `#…;` as a character reference. */
const label = (...lines: string[]): string => `"${lines.join("<br/>").replaceAll("#", "#35;").replaceAll('"', "#quot;")}"`;

export function conditionText(condition: Condition): string {
  const from = condition.$from;
  if ("equals" in condition) return `${from} = ${JSON.stringify(condition.equals)}`;
  if ("differs" in condition) return `${from} ≠ ${JSON.stringify(condition.differs)}`;
  return from;
}

function node(name: string, step: Step): string {
  const conditions = conditionsOf(step).map((condition) => `when ${conditionText(condition)}`);
  const text = label(step.id, `${step.type}.${step.action}`, ...(step.forEach === undefined ? [] : ["for each item"]), ...conditions);
  // A fan-out is a box with double sides, a condition a hexagon.
  if (step.forEach !== undefined) return `${name}[[${text}]]`;
  return conditions.length > 0 ? `${name}{{${text}}}` : `${name}[${text}]`;
}

/** Solid arrows lead to what needs a step, dotted ones to what undoes it. */
export function mermaidOf({ steps }: Pick<Workflow, "steps">, { needs }: Pick<Graph, "needs">): string {
  const names = new Map(steps.map(({ id }, index) => [id, `s${index}`]));
  return [
    "flowchart LR",
    ...steps.map((step) => `  ${node(names.get(step.id)!, step)}`),
    ...steps.flatMap(({ id }) => [...needs.get(id)!].map((need) => `  ${names.get(need)} --> ${names.get(id)}`)),
    ...steps.flatMap(({ id, compensate }) =>
      (compensate ? [`  ${names.get(id)} -. undone by .-> ${names.get(id)}u([${label(`${compensate.type}.${compensate.action}`)}])`] : [])),
  ].join("\n");
}
