/** A hub in memory for tests: it keeps tasks and remembers what it was asked. */
import { randomUUID } from "node:crypto";
import { TaskPolicy, type ActionsAnswer, type QueueStatus, type Task, type TaskReceipt } from "../../../../contract/tasks.ts";
import { UserFault } from "../../../kit/errors.ts";
import type { Deps } from "./deps.ts";

export class MemoryHub {
  readonly tasks = new Map<string, Task>();
  readonly asked: unknown[] = [];
  actions: ActionsAnswer["types"] = [];
  queues: QueueStatus[] = [];

  add(more: Partial<Task> = {}): Task {
    const task: Task = {
      id: randomUUID(), type: "builder", action: "echo", input: {}, state: "pending", priority: "normal", caller: "user:admin", idempotencyKey: null, attempt: 0, maxAttempts: 3,
      progress: null, deadline: null, createdAt: "2026-01-01T00:00:00.000Z", updatedAt: "2026-01-01T00:00:00.000Z", finishedAt: null, error: null, attempts: [], ...more,
    };
    this.tasks.set(task.id, task);
    return task;
  }

  change(id: string, more: Partial<Task>): Task {
    const task = this.tasks.get(id);
    if (!task) throw new UserFault(`There is no task ${id}.`);
    const changed = { ...task, ...more };
    this.tasks.set(id, changed);
    return changed;
  }

  readonly client: Deps["hub"] = {
    submitTask: async (request): Promise<TaskReceipt> => {
      this.asked.push(request);
      return this.add({ type: request.type, action: request.action, input: request.input });
    },
    getTask: async (id) => this.change(id, {}),
    listTasks: async (filter) => {
      this.asked.push(filter);
      return { tasks: [...this.tasks.values()], nextCursor: "next" };
    },
    cancelTask: async (id) => this.change(id, { state: "cancelled" }),
    replayTask: async (id) => this.change(id, { state: "pending" }),
    listActions: async () => this.actions,
    listQueues: async () => this.queues,
  };

  readonly deps: Deps = { hub: this.client };

  deploy(type: string, ...names: string[]): void {
    const actions = names.map((name) => ({ name, description: `does ${name}`, input: { type: "object", title: name } }));
    this.actions.push({ type, concurrency: 1, policy: TaskPolicy.parse({ maxAttempts: 5 }), actions });
  }
}
