/** The hub's task API, for services of ours. */
import type { Dispatcher } from "undici";
import type { z } from "zod";
import {
  ActionsAnswer, BatchAnswer, Problem, QueuesAnswer, ReplayAnswer, Task, TaskPage, TaskReceipt,
  type BatchResult, type QueueStatus, type ReplayRequest, type TaskFilter, type TaskRequest,
} from "../../contract/tasks.ts";
import type { ServiceEntry, ServicesAnswer } from "../../contract/registry.ts";
import { messageOf, Unavailable, UserFault } from "./errors.ts";

export interface HubClientOptions {
  /** `http://mcp-coordinator:3000` */
  url: string;
  token: string;
  /** Limit of one call, in milliseconds. */
  timeoutMs?: number;
  dispatcher?: Dispatcher;
}

/**
 * Every method throws {@link UserFault} with the problem's detail on a 4xx answer, and {@link Unavailable} when the hub
 * cannot be reached or answers 5xx.
 */
export class HubClient {
  readonly #options: HubClientOptions;

  constructor(options: HubClientOptions) {
    this.#options = options;
  }

  async submitTask(task: z.input<typeof TaskRequest>, signal?: AbortSignal): Promise<TaskReceipt> {
    return TaskReceipt.parse(await this.#call("POST", "/api/v1/tasks", task, signal));
  }

  /**
   * Up to 1000 at once; those that are taken are durable when this resolves. Answers in their order, a refusal as its
   * problem: look for `"problem" in result`.
   */
  async submitTasks(tasks: readonly z.input<typeof TaskRequest>[], signal?: AbortSignal): Promise<BatchResult[]> {
    return BatchAnswer.parse(await this.#call("POST", "/api/v1/tasks:batch", { tasks }, signal)).results;
  }

  async getTask(id: string, signal?: AbortSignal): Promise<Task> {
    return Task.parse(await this.#call("GET", `/api/v1/tasks/${encodeURIComponent(id)}`, undefined, signal));
  }

  async listTasks(filter: TaskFilter = {}, signal?: AbortSignal): Promise<TaskPage> {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(filter)) if (value !== undefined) query.set(name, String(value));
    const suffix = query.size > 0 ? `?${query}` : "";
    return TaskPage.parse(await this.#call("GET", `/api/v1/tasks${suffix}`, undefined, signal));
  }

  async cancelTask(id: string, signal?: AbortSignal): Promise<TaskReceipt> {
    return TaskReceipt.parse(await this.#call("POST", `/api/v1/tasks/${encodeURIComponent(id)}/cancel`, undefined, signal));
  }

  async replayTask(id: string, signal?: AbortSignal): Promise<TaskReceipt> {
    return TaskReceipt.parse(await this.#call("POST", `/api/v1/tasks/${encodeURIComponent(id)}/replay`, undefined, signal));
  }

  /** Gives dead and failed tasks that the filter chooses fresh attempts; without a filter all of them, up to its limit. */
  async replayTasks(filter: z.input<typeof ReplayRequest> = {}, signal?: AbortSignal): Promise<ReplayAnswer> {
    return ReplayAnswer.parse(await this.#call("POST", "/api/v1/tasks:replay", filter, signal));
  }

  /** What waits for each agent type, and for how long. */
  async listQueues(signal?: AbortSignal): Promise<QueueStatus[]> {
    return QueuesAnswer.parse(await this.#call("GET", "/api/v1/queues", undefined, signal)).queues;
  }

  /** The registry as it stands in etcd. */
  async listServices(signal?: AbortSignal): Promise<ServiceEntry[]> {
    return ((await this.#call("GET", "/api/v1/services", undefined, signal)) as ServicesAnswer).services;
  }

  /** Actions of every deployed agent type, with their schemas. */
  async listActions(signal?: AbortSignal): Promise<ActionsAnswer["types"]> {
    return ActionsAnswer.parse(await this.#call("GET", "/api/v1/actions", undefined, signal)).types;
  }

  async #call(method: "GET" | "POST", path: string, body?: unknown, signal?: AbortSignal): Promise<unknown> {
    const { url, token, timeoutMs = 10_000, dispatcher } = this.#options;
    let status: number;
    let answer: unknown;
    // Most services never ask the hub anything, and undici costs 13 MB.
    const { request } = await import("undici");
    try {
      const response = await request(new URL(path, url), {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          accept: "application/json",
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        body: body === undefined ? null : JSON.stringify(body),
        signal: signal ? AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) : AbortSignal.timeout(timeoutMs),
        ...(dispatcher ? { dispatcher } : {}),
      });
      status = response.statusCode;
      const text = await response.body.text();
      answer = text === "" ? undefined : JSON.parse(text);
    } catch (error) {
      signal?.throwIfAborted();
      throw new Unavailable(`The hub did not answer ${method} ${path}: ${messageOf(error)}`, { cause: error });
    }
    if (status < 400) return answer;
    const problem = Problem.safeParse(answer);
    const detail = problem.success ? describeProblem(problem.data) : `The hub answered ${status} to ${method} ${path}.`;
    throw status < 500 ? new UserFault(detail) : new Unavailable(detail);
  }
}

/** One line for people: the detail, and each field with what is wrong there. */
export function describeProblem(problem: Problem): string {
  const fields = (problem.errors ?? []).map((error) => `${error.path}: ${error.message}`).join("; ");
  const detail = problem.detail ?? problem.title;
  return fields === "" ? detail : `${detail} (${fields})`;
}
