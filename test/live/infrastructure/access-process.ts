/** The access service as a process of its own on this machine, against the stores of a runner. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Grant } from "../../../contract/access.ts";
import { parseSecretsFile, SECRETS_FILE_VARIABLE } from "../../../contract/secrets-file.ts";
import { accessSpec } from "../../../plan/coordination.ts";
import { parseSettings } from "../../../contract/settings.ts";
import type { SpecRunner } from "../support/run-spec.ts";

const ROOT = join(import.meta.dirname, "../../..");

export class AccessProcess {
  readonly #runner: SpecRunner;
  #child: ChildProcess | null = null;
  #port = 0;
  output = "";

  constructor(runner: SpecRunner) {
    this.#runner = runner;
  }

  /** With the environment that the plan gives it, hosts replaced by addresses. */
  async start(): Promise<void> {
    this.#port = await freePort();
    const spec = accessSpec(parseSettings({}), new Set());
    const { [SECRETS_FILE_VARIABLE]: file, ...plain } = spec.env;
    const secrets = parseSecretsFile(this.#local(this.#runner.keys.render(spec.secrets.find(({ path }) => path === file)!.parts)));
    this.#child = spawn(process.execPath, [join(ROOT, "services/access/main.ts")], {
      env: { PATH: process.env.PATH, ...plain, ...secrets, SERVICE_PORT: String(this.#port) },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) stream.on("data", (data: Buffer) => (this.output += data.toString()));
  }

  async ready(withinMs = 20_000): Promise<void> {
    const deadline = Date.now() + withinMs;
    while (!(await this.get("/readyz").then(({ status }) => status === 200, () => false))) {
      if (Date.now() > deadline) throw new Error(`access is not ready after ${withinMs} ms:\n${this.output}`);
      await sleep(100);
    }
  }

  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    const child = this.#child;
    if (!child || child.exitCode !== null) return child?.exitCode ?? null;
    child.kill(signal);
    await once(child, "exit");
    return child.exitCode;
  }

  async get(path: string): Promise<{ status: number; body: string }> {
    const response = await fetch(`http://127.0.0.1:${this.#port}${path}`);
    return { status: response.status, body: await response.text() };
  }

  grant(grant: Grant): Promise<{ status: number; body: Record<string, unknown> }> {
    return this.send(this.#runner.keys.render([{ grant }]));
  }

  async send(grant: unknown): Promise<{ status: number; body: Record<string, unknown> }> {
    const response = await fetch(`http://127.0.0.1:${this.#port}/v1/grants`, {
      method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ grant }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  #local(url: string): string {
    return url.replace(/@(rabbitmq|redis|etcd|postgres):/g, (_, host: string) => `@${this.#runner.address(host)}:`);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
