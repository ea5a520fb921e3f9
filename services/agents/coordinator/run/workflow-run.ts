/** Runs a workflow's steps as tasks of the hub, until it has succeeded or failed. */
import type { Graph } from "../../../../contract/workflow-graph.ts";
import type { Step, Workflow } from "../../../../contract/workflow.ts";
import { sleep } from "../../../kit/backoff.ts";
import { messageOf } from "../../../kit/errors.ts";
import type { RunRecord } from "../store/run-record.ts";
import { decide, type Decision } from "../workflow/decide.ts";
import { fanIn, hasEnded, newUnit } from "../workflow/progress.ts";
import type { UnitTasks } from "./unit-tasks.ts";

/** Delay between looks at running tasks: begins short, because most steps are, and grows. Milliseconds. */
export interface Poll { firstMs: number; maxMs: number }
export const POLL: Poll = { firstMs: 100, maxMs: 2_000 };

export interface RunOptions {
  workflow: Workflow;
  graph: Graph;
  record: RunRecord;
  tasks: UnitTasks;
  signal: AbortSignal;
  progress(fraction: number, note: string): void;
  poll?: Poll;
}

/**
 * What is to be submitted is written down before, and its task after, so that whoever takes the run over finds it.
 *
 * @returns `failed` as soon as nothing more should be started; tasks may still run then
 * @throws {Superseded} when somebody else drives the run
 * @throws the signal's reason; running tasks go on
 */
export async function runSteps(options: RunOptions): Promise<"succeeded" | "failed"> {
  const { workflow, graph, record, tasks, signal, poll = POLL } = options;
  let delayMs = poll.firstMs;
  for (;;) {
    signal.throwIfAborted();
    const decision = decide(workflow, graph, record.progress);
    const moved = apply(decision, tasks, record);
    await record.save();
    if (decision.end) return decision.end;
    const starting = tasks.running().filter((ref) => tasks.at(ref).taskId === null);
    await Promise.all(starting.map((ref) => tasks.submit(ref)));
    collect(workflow, record);
    await record.save();
    const refused = starting.some((ref) => tasks.at(ref).state !== "running");
    if (moved || starting.length > 0) delayMs = poll.firstMs;
    if (moved || refused) continue;
    report(options);
    await sleep(delayMs, signal);
    const ended = await Promise.all(tasks.running().map((ref) => tasks.look(ref)));
    collect(workflow, record);
    delayMs = ended.includes(true) ? poll.firstMs : Math.min(poll.maxMs, delayMs * 1.5);
  }
}

/** @returns whether another look is due at once: a step was skipped, has failed, or has its list */
function apply({ skip, fail, fanOut, start }: Decision, tasks: UnitTasks, record: RunRecord): boolean {
  for (const { id, reason } of skip) record.set(id, null, { state: "skipped", reason });
  for (const { id, message } of fail) record.set(id, null, { state: "failed", error: { code: "bad_reference", message } });
  for (const step of fanOut) spread(step, tasks, record);
  for (const ref of start) tasks.set(ref, { state: "running", taskId: null });
  return skip.length + fail.length + fanOut.length > 0;
}

function spread(step: Step, tasks: UnitTasks, record: RunRecord): void {
  try {
    const { length } = tasks.items(step);
    const { items, round } = record.progress[step.id]!;
    // A retried step keeps the items that had succeeded.
    if (items?.length !== length) record.setItems(step.id, Array.from({ length }, () => ({ ...newUnit(), round })));
    record.set(step.id, null, { state: "running" });
    // An empty list has nothing to wait for.
    collect({ steps: [step] }, record);
  } catch (error) {
    record.set(step.id, null, { state: "failed", error: { code: "bad_input", message: messageOf(error) } });
  }
}

/** Ends the fan-outs whose items have all ended. */
export function collect({ steps }: Pick<Workflow, "steps">, record: RunRecord): void {
  for (const { id } of steps) {
    const { state, items } = record.progress[id]!;
    if (state === "running" && items?.every(hasEnded)) record.set(id, null, fanIn(items));
  }
}

function report({ workflow, record: { progress }, progress: tell }: RunOptions): void {
  const states = workflow.steps.map(({ id }) => ({ id, ...progress[id]! }));
  const ended = states.filter(hasEnded).length;
  const shareOf = (step: (typeof states)[number]): number =>
    hasEnded(step) ? 1 : step.items?.length ? step.items.filter(hasEnded).length / step.items.length : 0;
  const running = states.filter(({ state }) => state === "running").map(({ id }) => id);
  tell(states.reduce((sum, step) => sum + shareOf(step), 0) / states.length,
    `${ended} of ${states.length} steps ended; running: ${running.join(", ") || "none"}`.slice(0, 500));
}
