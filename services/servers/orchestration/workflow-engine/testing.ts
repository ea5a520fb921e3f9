/** A hub and a record of runs in memory, for tests. */
import { randomUUID } from "node:crypto";
import { TaskPolicy, type ActionsAnswer, type Task, type TaskReceipt } from "../../../../contract/tasks.ts";
import { UserFault } from "../../../kit/errors.ts";
import type { Deps } from "./deps.ts";
import type { RunSummary, RunView, UnitView } from "./run-reader.ts";
import { countsOf } from "./workflow-view.ts";

export const BUILD = { id: "build", type: "builder", action: "compile", input: { source: { $from: "input.source" } } };
export const KEEP = { id: "keep", type: "builder", action: "keep", forEach: { $from: "steps.build.result.parts" }, input: { part: { $from: "item" } }, compensate: { type: "builder", action: "drop", input: {} } };

export class MemoryEngine {
  readonly tasks = new Map<string, Task>();
  readonly runs = new Map<string, RunView>();
  readonly asked: any[] = [];
  readonly types: ActionsAnswer["types"] = [{
    type: "builder", concurrency: 1, policy: TaskPolicy.parse({}),
    actions: ["compile", "keep", "drop"].map((name) => ({ name, description: name, input: { type: "object", properties: { source: { type: "string" }, part: {} }, additionalProperties: false } })),
  }];

  add(more: Partial<Task> = {}): Task {
    const task: Task = {
      id: randomUUID(), type: "coordinator", action: "run_workflow", input: { steps: [BUILD, KEEP], input: { source: "x" }, name: "parts" }, state: "pending", priority: "normal", caller: "user:admin",
      idempotencyKey: null, attempt: 0, maxAttempts: 3, progress: null, deadline: null, createdAt: "2026-01-01T00:00:00.000Z", updatedAt: "2026-01-01T00:00:00.000Z", finishedAt: null, error: null,
      attempts: [], ...more,
    };
    this.tasks.set(task.id, task);
    return task;
  }

  /** Units of a run, by `step` or `step[2]`. */
  record(id: string, run: Omit<RunView, "units">, units: Record<string, Partial<UnitView>>): void {
    this.runs.set(id, { ...run, units: Object.entries(units).map(([place, more]): UnitView => {
      const [, step, item] = /^([^[]+)(?:\[(\d+)\])?$/.exec(place)!;
      return {
        step: step!, item: item === undefined ? -1 : Number(item), state: "succeeded", taskId: null, reason: null, result: null, error: null, attempts: 1, startedAt: null, finishedAt: null, compensation: null, ...more,
      };
    }) });
  }

  #find(id: string): Task {
    const task = this.tasks.get(id);
    if (!task) throw new UserFault(`There is no task ${id}.`);
    return task;
  }

  #change(id: string, more: Partial<Task>): TaskReceipt {
    const task = { ...this.#find(id), ...more };
    this.tasks.set(id, task);
    return { id, state: task.state };
  }

  readonly deps: Deps = {
    hub: {
      submitTask: async (request): Promise<TaskReceipt> => {
        this.asked.push(request);
        const { id, state } = this.add({ type: request.type, action: request.action, input: request.input });
        return { id, state };
      },
      getTask: async (id) => this.#find(id),
      listTasks: async (filter) => {
        this.asked.push(filter);
        return { tasks: [...this.tasks.values()], nextCursor: "next" };
      },
      cancelTask: async (id) => this.#change(id, { state: "cancelled" }),
      replayTask: async (id) => this.#change(id, { state: "pending" }),
      listActions: async () => this.types,
    },
    runs: {
      read: async (id, withResults) => {
        const run = this.runs.get(id);
        return run ? { ...run, units: run.units.map((unit) => (withResults ? unit : { ...unit, result: null })) } : null;
      },
      summaries: async (ids) => new Map(ids.flatMap((id): [string, RunSummary][] => {
        const run = this.runs.get(id);
        return run ? [[id, { state: run.state, steps: countsOf(run.units.filter(({ item }) => item === -1).map(({ state }) => state)) }]] : [];
      })),
    },
  };
}
