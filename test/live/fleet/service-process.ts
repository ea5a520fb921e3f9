/** A service as a process on this machine. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { freePort } from "../hub/hub-process.ts";
import { eventually } from "../hub/rig.ts";

export class ServiceProcess {
  readonly name: string;
  readonly #command: readonly string[];
  readonly #env: Record<string, string>;
  #child: ChildProcess | null = null;
  /** Of its HTTP side, once it is started. */
  url = "";
  output = "";

  constructor(name: string, command: readonly string[], env: Record<string, string>) {
    this.name = name;
    this.#command = command;
    this.#env = env;
  }

  get pid(): number {
    return this.#child!.pid!;
  }

  get ended(): boolean {
    return this.#child!.exitCode !== null || this.#child!.signalCode !== null;
  }

  /** Resolves when it is ready; also after it has ended. */
  async start(): Promise<void> {
    const port = await freePort();
    this.url = `http://127.0.0.1:${port}`;
    const [command, ...args] = this.#command;
    this.#child = spawn(command!, args, {
      env: { PATH: process.env["PATH"], ...this.#env, SERVICE_PORT: String(port), LOG_LEVEL: "debug" }, stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) stream.on("data", (data: Buffer) => (this.output += data.toString()));
    await eventually(() => this.missing(), (missing) => missing?.length === 0, 40_000).catch((error: Error) => {
      throw new Error(`${this.name}: ${error.message}\n${this.output}`);
    });
  }

  /** What /readyz names; null while nobody answers. */
  async missing(): Promise<string[] | null> {
    const response = await fetch(`${this.url}/readyz`).catch(() => null);
    return response ? ((await response.json()) as { missing: string[] }).missing : null;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child!.kill(signal);
  }

  /** @returns exit code; null after a signal */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#child;
    if (child && !this.ended) {
      child.kill(signal);
      // One that is paused does not die of anything else.
      if (signal !== "SIGKILL") child.kill("SIGCONT");
      await once(child, "exit");
    }
    return child?.exitCode ?? null;
  }
}
