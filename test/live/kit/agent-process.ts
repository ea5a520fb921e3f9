/** The fixture agent as a process on this machine, with the environment that the plan gives an agent. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { parseSettings } from "../../../contract/settings.ts";
import { parseSecretsFile, SECRETS_FILE_VARIABLE } from "../../../contract/secrets-file.ts";
import { agentSpecs } from "../../../plan/agent.ts";
import { ENTRY, eventually, TYPE, type KitRig } from "./rig.ts";

export class AgentProcess {
  readonly id: string;
  /** Of its HTTP side, once it is started. */
  url = "";
  readonly #rig: KitRig;
  readonly #number: number;
  #child: ChildProcess | null = null;
  output = "";

  constructor(rig: KitRig, number: number) {
    this.#rig = rig;
    this.#number = number;
    this.id = `${TYPE}-${number}`;
  }

  async start(accessUrl: string): Promise<this> {
    const entry = { ...ENTRY, replicas: this.#number };
    const spec = agentSpecs(parseSettings({}), entry, new Set(), null)[this.#number - 1]!;
    const { [SECRETS_FILE_VARIABLE]: file, ...plain } = spec.env;
    const env = { ...plain, ...parseSecretsFile(this.#rig.local(this.#rig.runner.keys.render(spec.secrets.find(({ path }) => path === file)!.parts))) };
    const port = await freePort();
    this.url = `http://127.0.0.1:${port}`;
    this.#child = spawn(process.execPath, [join(import.meta.dirname, "fixture-agent.ts")], {
      env: { PATH: process.env["PATH"], ...env, SERVICE_PORT: String(port), MCP_ACCESS_URL: accessUrl, LOG_LEVEL: "debug" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) stream.on("data", (data: Buffer) => (this.output += data.toString()));
    await eventually(() => this.missing(), (missing) => missing?.length === 0, 30_000).catch((error: Error) => {
      throw new Error(`${this.id}: ${error.message}\n${this.output}`);
    });
    return this;
  }

  /** What /readyz names; null while nobody answers. */
  async missing(): Promise<string[] | null> {
    const response = await fetch(`${this.url}/readyz`).catch(() => null);
    return response ? ((await response.json()) as { missing: string[] }).missing : null;
  }

  /** @returns exit code, null after a signal, and milliseconds */
  async end(signal: NodeJS.Signals): Promise<{ code: number | null; ms: number }> {
    const started = performance.now();
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return { code: child?.exitCode ?? null, ms: 0 };
    child.kill(signal);
    await once(child, "exit");
    return { code: child.exitCode, ms: performance.now() - started };
  }
}

/** The way to the access service, which listens on a port that only its process knows. */
export async function accessFront(rig: KitRig): Promise<{ url: string; server: Server; posts: () => number }> {
  let posts = 0;
  const server = createServer(async (request, response) => {
    posts++;
    let text = "";
    for await (const chunk of request) text += chunk;
    const { status, body } = await rig.access.send((JSON.parse(text) as { grant: unknown }).grant);
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server, posts: () => posts };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
