/** For tests: a server whose every call takes long. */
import { randomUUID } from "node:crypto";
import { FakeServer, toolOf } from "./gateway-rig.ts";

export const TASKS = { extensions: { "io.modelcontextprotocol/tasks": {} } };
/** Of a request whose client knows tasks. */
export const DECLARED = { _meta: { "io.modelcontextprotocol/clientCapabilities": TASKS } };
export const WIRE = { createdAt: "2026-01-01T00:00:00Z", lastUpdatedAt: "2026-01-01T00:00:00Z", ttlMs: 60_000, pollIntervalMs: 250 };

/** A server that makes a task of every call, with the tasks in the test's hand. */
export class LongServer extends FakeServer {
  readonly tasks = new Map<string, Record<string, unknown>>();
  readonly cancelled: string[] = [];
  /** Names of its tasks; another server may use the same. */
  nextId: () => string = randomUUID;

  constructor(tools: object[] = [toolOf("write_slow"), toolOf("read_slow")]) {
    super(tools, ({ method, params }) => this.#answer(method, params));
    this.capabilities = { tools: {}, extensions: TASKS.extensions };
  }

  end(id: string, end: Record<string, unknown>): void {
    Object.assign(this.tasks.get(id)!, end);
  }

  /** As a process that starts anew. */
  restart(): void {
    this.tasks.clear();
  }

  #answer(method: string, params: any): object {
    if (method === "tools/call") {
      const taskId = this.nextId();
      this.tasks.set(taskId, { status: "working" });
      return { resultType: "task", taskId, status: "working", ...WIRE };
    }
    const task = this.tasks.get(params.taskId);
    if (!task) return { error: { code: -32_602, message: "no such task" } };
    if (method === "tasks/get") return { taskId: params.taskId, ...WIRE, ...task };
    if (method === "tasks/cancel") this.cancelled.push(params.taskId);
    if (method === "tasks/cancel" && task["status"] === "working") task["status"] = "cancelled";
    return {};
  }
}
