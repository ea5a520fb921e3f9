/** A process of this benchmark, seen from the one that measures. */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { end } from "../../fabric/peers/child.ts";
import type { Usage } from "./child.ts";

export class BenchProcess {
  readonly #child: ChildProcess;
  readonly port: number;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  static async start(file: "hub.ts" | "server.ts" | "bad-server.ts", ...args: string[]): Promise<BenchProcess> {
    const child = fork(join(import.meta.dirname, file), args, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
    const [message] = (await Promise.race([
      once(child, "message"),
      once(child, "exit").then(([code]) => { throw new Error(`${file} ended with ${code} before it listened`); }),
    ])) as [{ port: number }];
    return new BenchProcess(child, message.port);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/mcp`;
  }

  /** @param how `collected`: after a garbage collection */
  usage(how: { collected?: true } = {}): Promise<Usage> {
    return this.#ask<Usage>({ usage: true, ...how });
  }

  /** Of a hub: registers servers and waits until it offers their tools. */
  async offer(servers: Record<string, number>, tools: number): Promise<void> {
    for (let offered = -1; offered !== tools; await sleep(50)) offered = (await this.#ask<{ answer: number }>({ servers })).answer;
  }

  /** Of a hub that was started with `--profile`: what V8 finds at work while `work` goes on. @param file see {@link Profiler.stop} */
  async profiled<T>(file: string, work: () => Promise<T>): Promise<T> {
    await this.#ask({ profile: "start" });
    const result = await work();
    await this.#ask({ profile: { to: file } });
    return result;
  }

  end(): Promise<void> {
    return end(this.#child);
  }

  async #ask<T>(message: object): Promise<T> {
    const answered = once(this.#child, "message");
    this.#child.send(message);
    return ((await answered) as [T])[0];
  }
}
