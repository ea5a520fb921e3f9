/** The order that needs and references give, and everything that is wrong with it. */
import { conditionsOf, type Step, type Workflow } from "./definition.ts";
import { parseReference, referencesIn } from "./references.ts";

export interface Graph {
  /** Step id → ids of the steps that come first. */
  needs: ReadonlyMap<string, ReadonlySet<string>>;
  /** Step ids; those of one wave can run at once, once all waves before are done. */
  waves: string[][];
}

/** @returns the graph, or every problem, each naming the step and what is wrong with it */
export function graphOf(workflow: Pick<Workflow, "steps" | "input">): Graph | { problems: string[] } {
  const problems: string[] = [];
  const ids = new Set<string>();
  for (const { id } of workflow.steps) {
    if (ids.has(id)) problems.push(`two steps are named "${id}"`);
    ids.add(id);
  }
  const needs = new Map<string, Set<string>>();
  for (const step of workflow.steps) needs.set(step.id, needsOf(step, ids, workflow.input, problems));
  const waves = wavesOf(needs);
  const sorted = new Set(waves.flat());
  const left = [...needs.keys()].filter((id) => !sorted.has(id));
  if (left.length > 0) problems.push(`steps need each other in a circle: ${findCycle(needs, left).join(" → ")}`);
  return problems.length > 0 ? { problems } : { needs, waves };
}

function needsOf(step: Step, ids: ReadonlySet<string>, input: Readonly<Record<string, unknown>>, problems: string[]): Set<string> {
  const needs = new Set<string>();
  const add = (id: string, how: string): void => {
    if (ids.has(id)) needs.add(id);
    else problems.push(`step "${step.id}" ${how} unknown step "${id}"`);
  };
  for (const id of step.needs) add(id, "needs the");
  for (const text of [...referencesIn(step.input), ...conditionsOf(step).map((condition) => condition.$from)]) {
    const reference = parseReference(text);
    if (typeof reference === "string") problems.push(`step "${step.id}": reference ${reference}`);
    else if (reference.step !== null) add(reference.step, `refers by "${text}" to the`);
    else if (reference.path[0] !== undefined && !Object.hasOwn(input, reference.path[0]) && !hasDefault(step, text)) {
      problems.push(`step "${step.id}": reference "${text}" reads "${reference.path[0]}", which the workflow's input does not have`);
    }
  }
  return needs;
}

/** Whether every use of the reference has a default. */
function hasDefault(step: Step, text: string): boolean {
  const uses = (value: unknown): object[] => {
    if (typeof value !== "object" || value === null) return [];
    if ((value as { $from?: unknown }).$from === text) return [value];
    return Object.values(value).flatMap(uses);
  };
  return [...uses(step.input), ...uses(conditionsOf(step))].every((use) => "default" in use);
}

function wavesOf(needs: ReadonlyMap<string, ReadonlySet<string>>): string[][] {
  const waves: string[][] = [];
  const done = new Set<string>();
  for (;;) {
    const wave = [...needs].filter(([id, first]) => !done.has(id) && [...first].every((need) => done.has(need))).map(([id]) => id);
    if (wave.length === 0) return waves;
    waves.push(wave);
    for (const id of wave) done.add(id);
  }
}

/** Walks back from a step that never becomes ready until one comes twice; the answer begins with the step defined first. */
function findCycle(needs: ReadonlyMap<string, ReadonlySet<string>>, left: readonly string[]): string[] {
  const stuck = new Set(left);
  const path: string[] = [];
  for (let id = left[0]!; !path.includes(id); id = [...needs.get(id)!].find((need) => stuck.has(need))!) path.push(id);
  const last = path.at(-1)!;
  const start = [...needs.get(last)!].find((need) => path.includes(need))!;
  const cycle = path.slice(path.indexOf(start)).reverse();
  const first = cycle.indexOf(left.find((id) => cycle.includes(id))!);
  return [...cycle.slice(first), ...cycle.slice(0, first), cycle[first]!];
}
