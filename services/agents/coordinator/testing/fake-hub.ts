/** A hub in memory whose tasks end as a script says, for tests of workflow runs. */
import { randomUUID } from "node:crypto";
import { FINAL_STATES, type Task, type TaskReceipt, type TaskRequest } from "../../../../contract/tasks.ts";
import { Unavailable, UserFault } from "../../../kit/errors.ts";
import type { CoordinatorDeps } from "../deps.ts";
import { MemoryRuns } from "./memory-runs.ts";

type Outcome = { result: unknown } | { error: string } | { refuse: string } | "runs";
/** What becomes of a task, by its action; told the input and how often the action was submitted or replayed. */
export type Script = Record<string, (input: Record<string, unknown>, time: number) => Outcome>;

export interface FakeTask {
  id: string; key: string; request: Partial<TaskRequest>; state: Task["state"]; result?: unknown; error: Task["error"]; attempt: number; finishedAt: string | null;
}

export class FakeHub {
  readonly tasks = new Map<string, FakeTask>();
  readonly runs = new MemoryRuns();
  /** What happened, in order: `submit a`, `replay a`, `cancel a`. */
  readonly calls: string[] = [];
  /** The next so many calls find the hub away. */
  away = 0;
  readonly #script: Script;
  readonly #times = new Map<string, number>();
  #seconds = 0;

  constructor(script: Script) {
    this.#script = script;
  }

  get deps(): CoordinatorDeps {
    return { hub: this as unknown as CoordinatorDeps["hub"], runs: this.runs, poll: { firstMs: 1, maxMs: 4 } };
  }

  /** The run itself, as the hub has it. */
  addRun(id: string, input: object, state: Task["state"] = "active", attempt = 1): FakeTask {
    const task: FakeTask = {
      id, key: id, request: { type: "coordinator", action: "run_workflow", input: input as Record<string, unknown> }, state, error: null, attempt,
      finishedAt: FINAL_STATES.includes(state) ? this.#now() : null,
    };
    this.tasks.set(id, task);
    return task;
  }

  ended(action: string, outcome: { result: unknown } | { error: string }): void {
    this.endedWhere(({ request }) => request.action === action, outcome);
  }

  /** Ends the first that fits. */
  endedWhere(fits: (task: FakeTask) => boolean, outcome: { result: unknown } | { error: string }): void {
    this.#end([...this.tasks.values()].find(fits)!, outcome);
  }

  async submitTask(request: Partial<TaskRequest>): Promise<TaskReceipt> {
    this.#answer();
    const known = [...this.tasks.values()].find(({ key }) => key === request.idempotencyKey);
    if (known) return { id: known.id, state: known.state };
    this.calls.push(`submit ${request.action}`);
    const task: FakeTask = { id: randomUUID(), key: request.idempotencyKey!, request, state: "pending", error: null, attempt: 1, finishedAt: null };
    this.#play(task);
    this.tasks.set(task.id, task);
    return { id: task.id, state: "pending" };
  }

  async getTask(id: string): Promise<Task> {
    this.#answer();
    const task = this.tasks.get(id);
    if (!task) throw new UserFault(`There is no task ${id}.`);
    const { request: { type, action, input }, state, result, error, attempt, finishedAt } = task;
    const startedAt = finishedAt && new Date(Date.parse(finishedAt) - 1_000).toISOString();
    return {
      id, type, action, input, state, result, error, attempt, finishedAt,
      attempts: [{ attempt: 1, agentId: "x-1", startedAt, finishedAt, outcome: null, error: null }],
    } as unknown as Task;
  }

  async cancelTask(id: string): Promise<TaskReceipt> {
    this.#answer();
    const task = this.tasks.get(id)!;
    this.calls.push(`cancel ${task.request.action}`);
    if (FINAL_STATES.includes(task.state)) throw new UserFault(`Task ${id} is ${task.state} already.`);
    Object.assign(task, { state: "cancelled", finishedAt: this.#now() });
    return { id, state: task.state };
  }

  async replayTask(id: string): Promise<TaskReceipt> {
    const task = this.tasks.get(id)!;
    this.calls.push(`replay ${task.request.action}`);
    this.#play(task);
    return { id, state: task.state };
  }

  async listActions() {
    this.#answer();
    const hash = { type: "object", properties: { hash: { type: "string" } }, required: ["hash"], additionalProperties: false };
    const actions = Object.entries({ compile_solidity: {}, get_artifact: hash, compile_typescript: {} }).map(([name, input]) => ({ name, description: "", input }));
    return [{ type: "builder", concurrency: 1, policy: {} as never, actions }];
  }

  #answer(): void {
    if (this.away > 0) {
      this.away--;
      throw new Unavailable("the hub is away");
    }
  }

  #play(task: FakeTask): void {
    const action = task.request.action!;
    const time = (this.#times.get(action) ?? 0) + 1;
    this.#times.set(action, time);
    const outcome = this.#script[action]!(task.request.input!, time);
    Object.assign(task, { state: "active", error: null, finishedAt: null });
    if (outcome === "runs") return;
    if ("refuse" in outcome) throw new UserFault(outcome.refuse);
    this.#end(task, outcome);
  }

  /** A second later with each task that ends, so that their order shows. */
  #now(): string {
    this.#seconds++;
    return new Date(Date.UTC(2026, 0, 1, 0, 0, this.#seconds)).toISOString();
  }

  #end(task: FakeTask, outcome: { result: unknown } | { error: string }): void {
    task.finishedAt = this.#now();
    if ("error" in outcome) Object.assign(task, { state: "dead", error: { code: "internal", message: outcome.error, retryable: true } });
    else Object.assign(task, { state: "succeeded", result: outcome.result });
  }
}
