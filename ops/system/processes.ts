/** Child processes: run and capture, run and show, find on PATH. */
import { spawn, type SpawnOptions } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";

export type Environment = Record<string, string | undefined>;

export interface Finished {
  /** Exit code; 127 when the program could not be started, 124 when time ran out, 128 + n after signal n. */
  code: number;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  env?: Environment;
  cwd?: string;
  /** Text for its standard input; none means an empty one. */
  input?: string;
  /** Ends it with SIGKILL, its process group with it, once this long has passed. */
  timeoutMs?: number;
  /** Ends it when neither of its outputs said anything for this long. */
  silenceMs?: number;
  /** Called with each line of both outputs as it comes. */
  onLine?: (line: string) => void;
}

const SIGNALS: Record<string, number> = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGKILL: 9, SIGTERM: 15 };

/** Runs to the end and gives back what it said. Never throws for a program that fails. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const limited = options.timeoutMs !== undefined || options.silenceMs !== undefined;
  const spawnOptions: SpawnOptions = {
    env: (options.env ?? process.env) as NodeJS.ProcessEnv,
    cwd: options.cwd,
    stdio: [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    // A group of its own, so that a time limit ends its children too.
    detached: limited,
  };
  return new Promise((resolve) => {
    const child = spawn(command, args, spawnOptions);
    const out: string[] = [];
    const err: string[] = [];
    let timedOut = false;
    const kill = () => {
      timedOut = true;
      try { process.kill(-child.pid!, "SIGKILL"); } catch { child.kill("SIGKILL"); }
    };
    const deadline = options.timeoutMs === undefined ? undefined : setTimeout(kill, options.timeoutMs);
    let silence = options.silenceMs === undefined ? undefined : setTimeout(kill, options.silenceMs);
    const heard = () => {
      if (silence === undefined) return;
      clearTimeout(silence);
      silence = setTimeout(kill, options.silenceMs);
    };
    const lines = { out: "", err: "" };
    const take = (which: "out" | "err", text: string) => {
      heard();
      (which === "out" ? out : err).push(text);
      if (!options.onLine) return;
      const parts = (lines[which] + text).split(/\r?\n|\r/);
      lines[which] = parts.pop()!;
      for (const line of parts) if (line) options.onLine(line);
    };
    child.stdout!.setEncoding("utf8").on("data", (text: string) => take("out", text));
    child.stderr!.setEncoding("utf8").on("data", (text: string) => take("err", text));
    // A program that ends without reading its input is no error of ours.
    child.stdin?.on("error", () => {}).end(options.input);
    const finish = (code: number) => {
      clearTimeout(deadline);
      clearTimeout(silence);
      for (const rest of [lines.out, lines.err]) if (rest && options.onLine) options.onLine(rest);
      resolve({ code, stdout: out.join(""), stderr: err.join("") });
    };
    child.on("error", (error) => { err.push(error.message); finish(127); });
    child.on("close", (code, signal) => finish(timedOut ? 124 : code ?? 128 + (SIGNALS[signal ?? ""] ?? 0)));
  });
}

export interface HandOptions {
  env?: Environment;
  cwd?: string;
  /** File descriptor that both its outputs go to, in place of our terminal; it then has no input. */
  output?: number;
}

/** Runs with our own terminal as its input and output; its exit code, 128 + n after signal n. */
export function hand(command: string, args: readonly string[], options: HandOptions = {}): Promise<number> {
  return new Promise((resolve) => {
    const { env, cwd, output } = options;
    const child = spawn(command, args, {
      env: (env ?? process.env) as NodeJS.ProcessEnv, cwd, stdio: output === undefined ? "inherit" : ["ignore", output, output],
    });
    // The terminal sends Ctrl-C to the child too: it decides how to end, and we with it.
    const wait = () => {};
    process.on("SIGINT", wait);
    child.on("error", () => resolve(127));
    child.on("close", (code, signal) => {
      process.off("SIGINT", wait);
      resolve(code ?? 128 + (SIGNALS[signal ?? ""] ?? 0));
    });
  });
}

/** Absolute path of a program on PATH; null when there is none. */
export function which(name: string, env: Environment = process.env, skip: (folder: string) => boolean = () => false): string | null {
  for (const folder of (env.PATH ?? "").split(delimiter)) {
    if (!folder || skip(folder)) continue;
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      if (statSync(path).isFile()) return path;
    } catch { /* not here */ }
  }
  return null;
}

/** The end of a longer text, for messages. */
export function lastLines(text: string, count: number): string {
  return text.trimEnd().split("\n").slice(-count).join("\n");
}
