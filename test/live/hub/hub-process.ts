/** The hub as a process of its own on this machine, against the stores of a runner, and its HTTP API. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { postgresRole, storeUser, type Role, type TokenClaims } from "../../../contract/access.ts";
import type { Task, TaskReceipt, TaskRequest } from "../../../contract/tasks.ts";
import type { z } from "zod";
import type { Clients } from "../infrastructure/clients.ts";
import type { SpecRunner } from "../support/run-spec.ts";

const ROOT = join(import.meta.dirname, "../../..");

export interface Answer {
  status: number;
  headers: Headers;
  body: any;
}

export class HubProcess {
  readonly #runner: SpecRunner;
  readonly #clients: Clients;
  #child: ChildProcess | null = null;
  #port = 0;
  output = "";

  constructor(runner: SpecRunner, clients: Clients) {
    this.#runner = runner;
    this.#clients = clients;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get pid(): number {
    return this.#child!.pid!;
  }

  token(sub: string, role: Role, aud: string[] = ["*"]): string {
    return this.#runner.keys.render([{ token: { sub, role, aud } satisfies TokenClaims }]);
  }

  /** @param more environment beside that of the deployment */
  async start(more: Record<string, string> = {}): Promise<void> {
    await this.stop("SIGKILL");
    if (this.#port === 0) this.#port = await freePort();
    const at = (name: string): string => this.#runner.address(name);
    const secret = (store: "rabbitmq" | "redis" | "etcd" | "postgres"): string => this.#clients.password(store, "hub");
    const user = storeUser("hub");
    this.output = "";
    this.#child = spawn(process.execPath, [join(ROOT, "services/hub/main.ts")], {
      env: {
        PATH: process.env["PATH"],
        SERVICE_NAME: "hub", SERVICE_HOST: "127.0.0.1", SERVICE_PORT: String(this.#port),
        MCP_TOKEN_PUBLIC_KEY: this.#runner.keys.render([{ publicKey: true }]),
        MCP_SERVICE_TOKEN: this.token("hub", "service"),
        MCP_DELEGATION_KEY: this.#runner.keys.render([{ key: "delegation" }]),
        MCP_DELEGATION_CERTIFICATE: this.#runner.keys.render([{ certificate: { certifies: "hub", keyOf: "delegation" } }]),
        MCP_RABBITMQ_URL: `amqp://${user}:${secret("rabbitmq")}@${at("rabbitmq")}:5672`,
        MCP_REDIS_URL: `redis://${user}:${secret("redis")}@${at("redis")}:6379/0`,
        MCP_ETCD_URL: `http://${user}:${secret("etcd")}@${at("etcd")}:2379`,
        MCP_POSTGRES_URL: `postgres://${postgresRole("hub")}:${secret("postgres")}@${at("postgres")}:5432/mcp`,
        ...more,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) stream.on("data", (data: Buffer) => (this.output += data.toString()));
    await this.ready();
  }

  async ready(withinMs = 30_000): Promise<void> {
    const deadline = Date.now() + withinMs;
    let last = "";
    while (!(await fetch(`${this.url}/readyz`).then(async (answer) => ((last = await answer.text()), answer.ok), () => false))) {
      if (this.#child!.exitCode !== null || Date.now() > deadline) throw new Error(`the hub is not ready (${last}):\n${this.output}`);
      await sleep(50);
    }
  }

  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    child.kill(signal);
    await once(child, "exit");
    return child.exitCode;
  }

  /** @param body as JSON, or as it is where it is text */
  async call(method: string, path: string, body?: unknown, token: string | null = this.token("user:tester", "admin"), headers: Record<string, string> = {}): Promise<Answer> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text.startsWith("{") ? JSON.parse(text) : text };
  }

  async submit(task: z.input<typeof TaskRequest>, token?: string): Promise<TaskReceipt> {
    const { status, body } = await this.call("POST", "/api/v1/tasks", task, token);
    if (status !== 202 && status !== 200) throw new Error(`the hub answered ${status}: ${JSON.stringify(body)}`);
    return body as TaskReceipt;
  }

  async task(id: string): Promise<Task> {
    const { status, body } = await this.call("GET", `/api/v1/tasks/${id}`);
    if (status !== 200) throw new Error(`the hub answered ${status}: ${JSON.stringify(body)}`);
    return body as Task;
  }

  async until(id: string, state: Task["state"], withinMs = 20_000): Promise<Task> {
    const deadline = Date.now() + withinMs;
    for (;;) {
      const task = await this.task(id);
      if (task.state === state) return task;
      if (Date.now() > deadline) throw new Error(`task is not ${state} after ${withinMs} ms: ${JSON.stringify(task)}`);
      await sleep(25);
    }
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
