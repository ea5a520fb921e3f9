/** The order that needs and references give, and everything that is wrong with it. */
import { parseReference, templatesIn, type Root, type Template } from "./workflow-references.ts";
import { conditionsOf, COORDINATOR, RUN_WORKFLOW, SETTLE_WORKFLOW, type Step, type Workflow } from "./workflow.ts";

export interface Graph {
  /** Step id → ids of the steps that come first. */
  needs: ReadonlyMap<string, ReadonlySet<string>>;
  /** Step ids; those of one wave can run at once, once all waves before are done. */
  waves: string[][];
}

type Parts = Pick<Workflow, "steps" | "input" | "output">;

/** @returns the graph, or every problem, each naming the step and what is wrong with it */
export function graphOf(workflow: Parts): Graph | { problems: string[] } {
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
  else for (const step of workflow.steps) problems.push(...compensationProblems(step, ids, ancestorsOf(step.id, needs), workflow.input));
  const reader: Reader = { name: "output", ids, input: workflow.input, roots: [] };
  for (const { template } of templatesIn(workflow.output)) stepRead(template, reader, problems);
  problems.push(...workflow.steps.flatMap(nested));
  return problems.length > 0 ? { problems } : { needs, waves };
}

/** Steps that come before a step, directly or not. */
export function ancestorsOf(id: string, needs: Graph["needs"]): Set<string> {
  const found = new Set<string>();
  const visit = (step: string): void => {
    for (const need of needs.get(step) ?? []) {
      if (found.has(need)) continue;
      found.add(need);
      visit(need);
    }
  };
  visit(id);
  return found;
}

interface Reader {
  /** As in `step "a"`, for messages. */
  name: string;
  ids: ReadonlySet<string>;
  input: Readonly<Record<string, unknown>>;
  /** Roots that exist here beside input and steps. */
  roots: readonly Root[];
}

const WHERE: Record<Exclude<Root, "input">, string> = {
  item: "the input and compensation of a step with forEach",
  index: "the input and compensation of a step with forEach",
  result: "compensate",
};

/** @returns the step that it reads, or null; adds to `problems` what keeps it from being followed */
function stepRead(template: Template, { name, ids, input, roots }: Reader, problems: string[]): string | null {
  const reference = parseReference(template.$from);
  if (typeof reference === "string") {
    problems.push(`${name}: reference ${reference}`);
    return null;
  }
  const { text, root, step, path } = reference;
  if (step !== null) {
    if (ids.has(step)) return step;
    problems.push(`${name} refers by "${text}" to the unknown step "${step}"`);
  } else if (root === "input") {
    if (path[0] !== undefined && !Object.hasOwn(input, path[0]) && !("default" in template)) {
      problems.push(`${name}: reference "${text}" reads "${path[0]}", which the workflow's input does not have`);
    }
  } else if (root !== "steps" && !roots.includes(root)) {
    problems.push(`${name}: reference "${text}" reads "${root}", which exists only in ${WHERE[root]}`);
  }
  return null;
}

function needsOf(step: Step, ids: ReadonlySet<string>, input: Reader["input"], problems: string[]): Set<string> {
  const needs = new Set<string>();
  const name = `step "${step.id}"`;
  for (const id of step.needs) {
    if (ids.has(id)) needs.add(id);
    else problems.push(`${name} needs the unknown step "${id}"`);
  }
  const read = (value: unknown, roots: readonly Root[]): void => {
    for (const { template } of templatesIn(value)) {
      const id = stepRead(template, { name, ids, input, roots }, problems);
      if (id !== null) needs.add(id);
    }
  };
  read(step.input, step.forEach === undefined ? [] : ["item", "index"]);
  read(conditionsOf(step), []);
  read(step.forEach, []);
  if (step.parallel !== undefined && step.forEach === undefined) problems.push(`${name}: parallel says how many items run at once, and there is no forEach`);
  return needs;
}

/** When a step is undone, only what came before it has certainly ended. */
function compensationProblems(step: Step, ids: ReadonlySet<string>, before: ReadonlySet<string>, input: Reader["input"]): string[] {
  const problems: string[] = [];
  const name = `compensate of step "${step.id}"`;
  const roots: Root[] = step.forEach === undefined ? ["result"] : ["result", "item", "index"];
  for (const { template } of templatesIn(step.compensate?.input)) {
    const id = stepRead(template, { name, ids, input, roots }, problems);
    if (id === step.id) problems.push(`${name} refers by "${template.$from}" to the step itself; write "result" for what it answered`);
    else if (id !== null && !before.has(id)) problems.push(`${name} refers by "${template.$from}" to step "${id}", which does not come before it`);
  }
  return problems;
}

/** A workflow holds a place of the coordinator while it waits; enough of them waiting for others would wait for ever. */
function nested({ id, type, action, compensate }: Step): string[] {
  const own = (job: { type: string; action: string } | undefined): boolean =>
    job?.type === COORDINATOR && (job.action === RUN_WORKFLOW || job.action === SETTLE_WORKFLOW);
  return own({ type, action }) || own(compensate) ? [`step "${id}" runs a workflow inside a workflow; put its steps into this one`] : [];
}

function wavesOf(needs: Graph["needs"]): string[][] {
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
function findCycle(needs: Graph["needs"], left: readonly string[]): string[] {
  const stuck = new Set(left);
  const path: string[] = [];
  for (let id = left[0]!; !path.includes(id); id = [...needs.get(id)!].find((need) => stuck.has(need))!) path.push(id);
  const last = path.at(-1)!;
  const start = [...needs.get(last)!].find((need) => path.includes(need))!;
  const cycle = path.slice(path.indexOf(start)).reverse();
  const first = cycle.indexOf(left.find((id) => cycle.includes(id))!);
  return [...cycle.slice(first), ...cycle.slice(0, first), cycle[first]!];
}
