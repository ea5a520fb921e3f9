/** Runs a compiler in a process of its own that may read the compiler's files and nothing else. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { PermanentError } from "../../../kit/errors.ts";
import { COMPILER_ARGUMENT, type CompileJob, type CompileOutputs } from "./job.ts";

export interface SandboxLimits {
  timeoutMs: number;
  /** Resident memory of the compiler process. */
  memoryMiB: number;
  maxOutputBytes: number;
}

export interface Compiler {
  /** @throws {PermanentError} beyond a limit; the signal's reason when it fires */
  compile<J extends CompileJob>(job: J, signal: AbortSignal): Promise<CompileOutputs[J["language"]]>;
}

/** How often the memory of a compiler is looked at. */
const MEMORY_POLL_MS = 200;
/** Page size of the platforms Node ships for on Linux, as in /proc/<pid>/statm. */
const PAGE_BYTES = 4096;

/**
 * The process has an empty environment and Node's permission model: no writing, no reading outside `readable`, no child
 * processes, workers, native addons or WASI. The model of Node 24 does not cover the network: neither compiler opens
 * connections, and neither runs the code it compiles.
 */
export class Sandbox implements Compiler {
  readonly #entry: string;
  readonly #readable: readonly string[];
  readonly #limits: SandboxLimits;

  /**
   * @param entry file that becomes a compiler by {@link COMPILER_ARGUMENT}
   * @param readable files and folders that it needs: its own code and the compilers' packages
   */
  constructor(entry: string, readable: readonly string[], limits: SandboxLimits) {
    this.#entry = entry;
    this.#readable = readable;
    this.#limits = limits;
  }

  compile<J extends CompileJob>(job: J, signal: AbortSignal): Promise<CompileOutputs[J["language"]]> {
    signal.throwIfAborted();
    const { timeoutMs, memoryMiB, maxOutputBytes } = this.#limits;
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [
        "--permission",
        ...this.#readable.map((path) => `--allow-fs-read=${path}`),
        `--max-old-space-size=${memoryMiB}`,
        "--no-warnings",
        this.#entry,
        COMPILER_ARGUMENT,
      ], { env: {}, cwd: "/", stdio: "pipe" });
      let verdict: Error | null = null;
      const stop = (reason: Error): void => {
        verdict ??= reason;
        child.kill("SIGKILL");
      };
      const onAbort = (): void => stop(signal.reason as Error);
      signal.addEventListener("abort", onAbort, { once: true });
      const timer = setTimeout(() => stop(new PermanentError(`The compiler did not end within ${timeoutMs / 1_000} s. Compile fewer sources, or without the optimizer.`)), timeoutMs);
      const watch = setInterval(() => {
        if (residentBytes(child.pid) > memoryMiB * 2 ** 20) stop(new PermanentError(`The compiler needed more than ${memoryMiB} MiB. Compile fewer sources at once.`));
      }, MEMORY_POLL_MS);

      const output: Buffer[] = [];
      let outputBytes = 0;
      let complaint = "";
      child.stdout.on("data", (part: Buffer) => {
        outputBytes += part.length;
        output.push(part);
        if (outputBytes > maxOutputBytes) stop(new PermanentError(`The compiler's output is larger than ${maxOutputBytes} bytes. Compile fewer sources at once.`));
      });
      child.stderr.on("data", (part: Buffer) => { complaint = (complaint + part.toString()).slice(-2_000); });
      child.once("error", (error) => stop(error));
      child.once("close", (code, killedBy) => {
        clearTimeout(timer);
        clearInterval(watch);
        signal.removeEventListener("abort", onAbort);
        if (verdict) reject(verdict);
        else if (code === 0) resolve(JSON.parse(Buffer.concat(output).toString()));
        else reject(new Error(`The compiler process ended with ${killedBy ?? code}: ${complaint.trim().split("\n").at(-1) ?? ""}`));
      });
      // It may end before it has read everything; how it ended says why.
      child.stdin.on("error", () => {});
      child.stdin.end(JSON.stringify(job));
    });
  }
}

function residentBytes(pid: number | undefined): number {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]) * PAGE_BYTES;
  } catch {
    return 0;
  }
}
