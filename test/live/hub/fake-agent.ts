/** An agent made from the contract's page alone, without the kit: what a worker in another language would do. */
import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { Channel, ConfirmChannel, ConsumeMessage } from "amqplib";
import type { Lease } from "etcd3";
import { z } from "zod";
import { controlQueue, EXCHANGES, heartbeatsKey, resultsKey, taskQueue, type ControlMessage, type ResultMessage, type TaskMessage } from "../../../contract/bus.ts";
import { agentKey, type Registration } from "../../../contract/registry.ts";
import { agentId } from "../../../contract/services.ts";
import { EchoInput, TaskPolicy, type ActionCatalog } from "../../../contract/tasks.ts";
import type { Clients } from "../infrastructure/clients.ts";

export type Outcome = Pick<ResultMessage, "outcome"> & Partial<Pick<ResultMessage, "result" | "error">>;
/** Null: says nothing, as an agent that hangs. */
export type Work = (task: TaskMessage, agent: FakeAgent) => Promise<Outcome | null> | Outcome | null;

export const succeed: Work = (task) => ({ outcome: "succeeded", result: { attempt: task.attempt } });
export const never: Work = () => null;
export const fail = (retryable: boolean, code = "unavailable"): Work => (task) =>
  ({ outcome: "failed", error: { code, message: `attempt ${task.attempt}`, retryable } });

export interface FakeAgentOptions {
  type: string;
  n?: number;
  concurrency?: number;
  policy?: z.input<typeof TaskPolicy>;
  work?: Work;
}

export class FakeAgent {
  readonly id: string;
  work: Work;
  /** Every delivery, in order. */
  readonly received: (TaskMessage & { redelivered: boolean })[] = [];
  readonly controls: ControlMessage[] = [];
  /** Acknowledged when the hub says `stored`; the broker may hold an attempt twice, when it was killed before it confirmed. */
  readonly held = new Map<string, ConsumeMessage[]>();
  #gone = false;
  readonly #clients: Clients;
  readonly #options: FakeAgentOptions;
  #http: Server | null = null;
  #lease: Lease | null = null;
  #tasks: ConfirmChannel | null = null;

  constructor(clients: Clients, options: FakeAgentOptions) {
    this.#clients = clients;
    this.#options = options;
    this.id = agentId(options.type, options.n ?? 1);
    this.work = options.work ?? succeed;
  }

  get identity(): string {
    return `agent:${this.#options.type}`;
  }

  async start(): Promise<this> {
    await this.connect();
    await this.register();
    return this;
  }

  /** The entry in etcd, with the catalogue behind it. */
  async register(): Promise<void> {
    const { type, n = 1, concurrency = 4, policy = {} } = this.#options;
    const catalog: ActionCatalog = {
      type, agentId: this.id, concurrency, policy: TaskPolicy.parse(policy),
      actions: [{ name: "echo", description: "Diagnostic.", input: z.toJSONSchema(EchoInput, { io: "input" }) as Record<string, unknown> }],
    };
    this.#http = createServer((request, response) => {
      const authorized = request.headers.authorization?.startsWith("Bearer ") ?? false;
      response.writeHead(authorized && request.url === "/actions" ? 200 : 401, { "content-type": "application/json" });
      response.end(authorized ? JSON.stringify(catalog) : "{}");
    }).listen(0, "127.0.0.1");
    await once(this.#http, "listening");
    const entry: Registration = {
      host: "127.0.0.1", port: (this.#http.address() as AddressInfo).port, status: "idle", capabilities: ["echo"],
      current_task: null, version: "0.0.0", started_at: new Date().toISOString(),
    };
    this.#lease = this.#clients.etcd(this.identity).lease(15);
    this.#lease.on("lost", () => undefined);
    await this.#lease.put(agentKey(type, n)).value(JSON.stringify(entry));
  }

  async unregister(): Promise<void> {
    await this.#lease?.revoke().catch(() => undefined);
    this.#lease = null;
    this.#http?.close();
    this.#http?.closeAllConnections();
  }

  async connect(): Promise<void> {
    this.#gone = false;
    const { type, concurrency = 4 } = this.#options;
    const control = await this.#clients.channel(this.identity);
    await control.assertQueue(controlQueue(this.id), { exclusive: true, durable: false, autoDelete: true });
    await control.bindQueue(controlQueue(this.id), EXCHANGES.topic, controlQueue(this.id));
    await control.consume(controlQueue(this.id), (message) => message && this.#hear(control, message));
    this.#tasks = await this.#clients.channel(this.identity);
    // Whoever ends it: what was not confirmed is delivered again.
    this.#tasks.on("close", () => { this.#gone = true; });
    await this.#tasks.prefetch(concurrency);
    await this.#tasks.consume(taskQueue(type), (message) => message && void this.#take(message));
  }

  /** The connections break, as in a crash: what is held goes back to the broker. */
  async crash(): Promise<void> {
    this.#gone = true;
    this.held.clear();
    await this.#clients.close();
  }

  async stop(): Promise<void> {
    await this.unregister();
    await this.crash();
  }

  async report(task: Pick<TaskMessage, "taskId" | "attempt">, outcome: Outcome): Promise<void> {
    await this.#publish(resultsKey(this.#options.type), { taskId: task.taskId, attempt: task.attempt, agentId: this.id, ...outcome });
  }

  async heartbeat(task: Pick<TaskMessage, "taskId" | "attempt">, progress?: number): Promise<void> {
    await this.#publish(heartbeatsKey(this.#options.type), { taskId: task.taskId, attempt: task.attempt, agentId: this.id, ...(progress === undefined ? {} : { progress }) });
  }

  async #take(message: ConsumeMessage): Promise<void> {
    const task = JSON.parse(message.content.toString()) as TaskMessage;
    this.received.push({ ...task, redelivered: message.fields.redelivered });
    const key = `${task.taskId}/${task.attempt}`;
    this.held.set(key, [...(this.held.get(key) ?? []), message]);
    const outcome = await this.work(task, this);
    // The hub may have stored it, and the test be over or the broker killed, before the broker's confirm is here.
    if (outcome) await this.report(task, outcome).catch((error: unknown) => { if (!this.#gone) throw error; });
  }

  #hear(channel: Channel, message: ConsumeMessage): void {
    channel.ack(message);
    const control = JSON.parse(message.content.toString()) as ControlMessage;
    this.controls.push(control);
    if (control.kind !== "stored") return;
    for (const { taskId, attempt } of control.attempts) {
      const key = `${taskId}/${attempt}`;
      for (const delivery of this.held.get(key) ?? []) this.#tasks!.ack(delivery);
      this.held.delete(key);
    }
  }

  /** How often the hub has said that a result of the task is stored. */
  storedOf(task: string): number {
    return this.controls.flatMap((control) => (control.kind === "stored" ? control.attempts : [])).filter(({ taskId }) => taskId === task).length;
  }

  #publish(routingKey: string, body: object): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#tasks!.publish(EXCHANGES.topic, routingKey, Buffer.from(JSON.stringify(body)), { persistent: true, mandatory: true }, (error) => (error ? reject(error as Error) : resolve()));
    });
  }
}
