/** Runs the Solidity compiler one job at a time in a thread, within a time limit, and lets go of its memory when idle. */
import type { Worker } from "node:worker_threads";
import { Unavailable, UserFault } from "../../../kit/errors.ts";
import { startCompilerThread, type WorkerAnswer } from "./compiler-worker.ts";

export interface CompilerOptions {
  /** Limit of one compilation, in milliseconds, without the wait before it. */
  timeoutMs?: number;
  /** Idle time after which the thread ends; loaded it holds about 150 MiB. */
  idleMs?: number;
  /** Jobs that may wait; more are refused at once. */
  queueLimit?: number;
}

export class Compiler {
  readonly #timeoutMs: number;
  readonly #idleMs: number;
  readonly #queueLimit: number;
  #thread: Promise<{ worker: Worker; version: string }> | null = null;
  #tail: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #idle: NodeJS.Timeout | undefined;

  constructor({ timeoutMs = 30_000, idleMs = 60_000, queueLimit = 8 }: CompilerOptions = {}) {
    this.#timeoutMs = timeoutMs;
    this.#idleMs = idleMs;
    this.#queueLimit = queueLimit;
  }

  /**
   * @param input Solidity's standard JSON
   * @returns the compiler's version and its standard JSON output
   * @throws {UserFault} when the time limit passes @throws {Unavailable} when too many jobs wait
   */
  async compile(input: unknown, signal: AbortSignal): Promise<{ version: string; output: unknown }> {
    if (this.#waiting >= this.#queueLimit) throw new Unavailable(`${this.#waiting} compilations wait already.`);
    this.#waiting++;
    const job = this.#tail.then(() => this.#run(JSON.stringify(input), signal)).finally(() => { this.#waiting--; });
    this.#tail = job.catch(() => {});
    return await job;
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle);
    const thread = this.#thread;
    this.#thread = null;
    const started = await thread?.catch(() => null);
    await started?.worker.terminate();
  }

  async #run(input: string, signal: AbortSignal): Promise<{ version: string; output: unknown }> {
    signal.throwIfAborted();
    clearTimeout(this.#idle);
    try {
      const { worker, version } = await this.#started();
      const text = await this.#exchange(worker, input, signal);
      return { version, output: JSON.parse(text) };
    } finally {
      this.#idle = setTimeout(() => void this.close(), this.#idleMs);
      this.#idle.unref();
    }
  }

  #started(): Promise<{ worker: Worker; version: string }> {
    this.#thread ??= (async () => {
      const worker = startCompilerThread();
      worker.unref();
      return { worker, version: await nextAnswer(worker) };
    })().catch((error: unknown) => {
      this.#thread = null;
      throw error;
    });
    return this.#thread;
  }

  /** A thread that is cut short is ended: nothing else stops a compilation. */
  async #exchange(worker: Worker, input: string, signal: AbortSignal): Promise<string> {
    const limit = AbortSignal.timeout(this.#timeoutMs);
    const answer = nextAnswer(worker);
    answer.catch(() => {});
    worker.postMessage(input);
    try {
      return await Promise.race([answer, rejectedOn(limit), rejectedOn(signal)]);
    } catch (error) {
      await this.close();
      signal.throwIfAborted();
      if (!limit.aborted) throw new UserFault(`The compiler gave up: ${String((error as Error).message).split("\n")[0]} Compile a smaller part of the sources.`, { cause: error });
      throw new UserFault(`The compilation took longer than ${this.#timeoutMs / 1000} s and was stopped. Compile fewer sources, or leave viaIR out.`);
    }
  }
}

function nextAnswer(worker: Worker): Promise<string> {
  return new Promise((resolve, reject) => {
    const done = (): void => void worker.off("message", onMessage).off("error", onError).off("exit", onExit);
    const onMessage = ({ output }: WorkerAnswer): void => { done(); resolve(output); };
    const onError = (error: unknown): void => { done(); reject(error); };
    const onExit = (code: number): void => { done(); reject(new Error(`the compiler's thread ended with ${code}`)); };
    worker.on("message", onMessage).on("error", onError).on("exit", onExit);
  });
}

const rejectedOn = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
