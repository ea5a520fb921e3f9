/** A worker of a peer as a process of its own on this machine. */
import { fork, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

const END_MS = 10_000;

/** Ends the process; what does not heed the signal is killed. */
export async function end(child: ChildProcess | null): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), END_MS);
  await ended;
  clearTimeout(timer);
}

/**
 * A Node program of this folder.
 *
 * @param settings given as its first message, so that no password stands in arguments or environment
 * @returns once it has answered `ready`
 */
export async function nodeWorker(file: string, settings: object, onMessage: (message: unknown) => void = () => undefined): Promise<ChildProcess> {
  const child = fork(join(import.meta.dirname, file), { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  child.send(settings);
  await new Promise<void>((resolve, reject) => {
    child.once("message", () => resolve());
    child.once("exit", (code) => reject(new Error(`${file} ended with ${code} before it was ready`)));
  });
  child.on("message", onMessage);
  return child;
}

/** A program that says when it is ready, and then answers each line of JSON with one. */
export class LineProcess {
  readonly #child: ChildProcess;
  readonly #answers: AsyncIterator<string>;
  #stderr = "";

  constructor(command: string, args: readonly string[], env: NodeJS.ProcessEnv) {
    this.#child = spawn(command, args, { env, stdio: ["pipe", "pipe", "pipe"] });
    this.#child.stderr!.on("data", (data: Buffer) => { this.#stderr = (this.#stderr + data.toString()).slice(-2_000); });
    this.#child.stdin!.on("error", () => undefined);
    this.#answers = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]();
  }

  /** One question at a time. */
  ask<T>(question: object): Promise<T> {
    this.#child.stdin!.write(`${JSON.stringify(question)}\n`);
    return this.answer<T>();
  }

  /** Its next line. @throws {Error} with the end of what it wrote to stderr, when it is gone */
  async answer<T>(): Promise<T> {
    const { value, done } = await this.#answers.next();
    if (done) throw new Error(`${this.#child.spawnfile} has ended: ${this.#stderr}`);
    return JSON.parse(value) as T;
  }

  end(): Promise<void> {
    return end(this.#child);
  }
}
