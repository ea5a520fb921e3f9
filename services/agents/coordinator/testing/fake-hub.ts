/** A hub in memory whose tasks end as a script says, for tests of workflow runs. */
import { randomUUID } from "node:crypto";
import type { Task, TaskReceipt, TaskRequest } from "../../../../contract/tasks.ts";
import { Unavailable, UserFault } from "../../../kit/errors.ts";
import type { CoordinatorDeps } from "../deps.ts";

type Outcome = { result: unknown } | { error: string } | { refuse: string } | "runs";
/** What becomes of a task, by its action; told the input and how often the action was submitted or replayed. */
export type Script = Record<string, (input: Record<string, unknown>, time: number) => Outcome>;

export interface FakeTask { id: string; key: string; request: Partial<TaskRequest>; state: Task["state"]; result?: unknown; error: Task["error"] }

export class FakeHub {
  readonly tasks = new Map<string, FakeTask>();
  /** What happened, in order: `submit a`, `replay a`, `cancel a`. */
  readonly calls: string[] = [];
  /** The next so many calls find the hub away. */
  away = 0;
  readonly #script: Script;
  readonly #times = new Map<string, number>();

  constructor(script: Script) {
    this.#script = script;
  }

  get deps(): CoordinatorDeps {
    return { hub: this as unknown as CoordinatorDeps["hub"], poll: { firstMs: 1, maxMs: 4 } };
  }

  ended(action: string, outcome: { result: unknown } | { error: string }): void {
    this.#end([...this.tasks.values()].find(({ request }) => request.action === action)!, outcome);
  }

  async submitTask(request: Partial<TaskRequest>): Promise<TaskReceipt> {
    this.#answer();
    const known = [...this.tasks.values()].find(({ key }) => key === request.idempotencyKey);
    if (known) return { id: known.id, state: known.state };
    this.calls.push(`submit ${request.action}`);
    const task: FakeTask = { id: randomUUID(), key: request.idempotencyKey!, request, state: "pending", error: null };
    this.#play(task);
    this.tasks.set(task.id, task);
    return { id: task.id, state: "pending" };
  }

  async getTask(id: string): Promise<Task> {
    this.#answer();
    const { state, result, error } = this.tasks.get(id)!;
    const at = "2026-01-01T00:00:01.000Z";
    return {
      id, state, result, error, attempt: 1, finishedAt: state === "active" ? null : at,
      attempts: [{ attempt: 1, agentId: "x-1", startedAt: "2026-01-01T00:00:00.000Z", finishedAt: at, outcome: null, error: null }],
    } as unknown as Task;
  }

  async cancelTask(id: string): Promise<TaskReceipt> {
    const task = this.tasks.get(id)!;
    this.calls.push(`cancel ${task.request.action}`);
    if (task.state === "active") task.state = "cancelled";
    return { id, state: task.state };
  }

  async replayTask(id: string): Promise<TaskReceipt> {
    const task = this.tasks.get(id)!;
    this.calls.push(`replay ${task.request.action}`);
    this.#play(task);
    return { id, state: task.state };
  }

  async listActions() {
    return Object.entries({ builder: ["compile_solidity", "get_artifact", "compile_typescript"] })
      .map(([type, names]) => ({ type, concurrency: 1, policy: {} as never, actions: names.map((name) => ({ name, description: "", input: {} })) }));
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
    task.state = "active";
    task.error = null;
    if (outcome === "runs") return;
    if ("refuse" in outcome) throw new UserFault(outcome.refuse);
    this.#end(task, outcome);
  }

  #end(task: FakeTask, outcome: { result: unknown } | { error: string }): void {
    if ("error" in outcome) Object.assign(task, { state: "dead", error: { code: "internal", message: outcome.error, retryable: true } });
    else Object.assign(task, { state: "succeeded", result: outcome.result });
  }
}
