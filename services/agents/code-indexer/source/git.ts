/** Runs git so that nothing in a repository, its configuration or its server makes it do more than it was asked. */
import { spawn } from "node:child_process";
import { Unavailable } from "../../../kit/errors.ts";

export interface GitResult {
  code: number;
  stdout: Buffer;
  /** The last lines. */
  stderr: string;
}

export interface GitOptions {
  cwd: string;
  signal: AbortSignal;
  /** Bytes of output after which it is stopped. */
  maxOutputBytes?: number;
}

/** Before any subcommand: a repository's own configuration cannot override these. */
export const GIT_SETTINGS: readonly string[] = [
  "core.hooksPath=/dev/null",
  "core.fsmonitor=false",
  "core.askPass=",
  "credential.helper=",
  "submodule.recurse=false",
  "fetch.recurseSubmodules=false",
  "gc.auto=0",
  "maintenance.auto=false",
  "protocol.allow=never",
  "protocol.http.allow=always",
  "protocol.https.allow=always",
  "protocol.file.allow=always",
  "http.lowSpeedLimit=1000",
  "http.lowSpeedTime=30",
  "safe.directory=*",
].flatMap((setting) => ["-c", setting]);

/**
 * Environment of git: nobody to ask, no configuration but ours.
 *
 * @param globalConfig file that also the processes git starts read (`safe.directory` for a file:// repository)
 */
export function gitEnvironment(globalConfig: string): NodeJS.ProcessEnv {
  return {
    PATH: "/usr/local/bin:/usr/bin:/bin",
    HOME: "/nonexistent",
    LC_ALL: "C.UTF-8",
    GIT_TERMINAL_PROMPT: "0",
    GIT_ASKPASS: "true",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: globalConfig,
    GIT_OPTIONAL_LOCKS: "0",
    GIT_ALLOW_PROTOCOL: "http:https:file",
    GIT_LFS_SKIP_SMUDGE: "1",
    GIT_NO_REPLACE_OBJECTS: "1",
  };
}

/** Content of that file. */
export const GIT_CONFIG = "[safe]\n\tdirectory = *\n";

export class Git {
  readonly #globalConfig: string;

  /** @param globalConfig path of a file with {@link GIT_CONFIG} */
  constructor(globalConfig: string) {
    this.#globalConfig = globalConfig;
  }

  /** @throws the signal's reason when it fires; {@link Unavailable} where git is not installed */
  run(args: readonly string[], { cwd, signal, maxOutputBytes = 256 * 2 ** 20 }: GitOptions): Promise<GitResult> {
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      // A group of its own: git's helpers (git-remote-https) end with it.
      const child = this.#spawn(args, cwd);
      const output: Buffer[] = [];
      let outputBytes = 0;
      let stderr = "";
      const kill = (): void => killGroup(child.pid);
      signal.addEventListener("abort", kill, { once: true });
      child.stdout.on("data", (part: Buffer) => {
        outputBytes += part.length;
        if (outputBytes > maxOutputBytes) kill();
        else output.push(part);
      });
      child.stderr.on("data", (part: Buffer) => { stderr = (stderr + part.toString()).slice(-2_000); });
      child.once("error", (error) => reject(new Unavailable(`git cannot be run: ${error.message}`, { cause: error })));
      child.once("close", (code) => {
        signal.removeEventListener("abort", kill);
        if (signal.aborted) reject(signal.reason);
        else if (outputBytes > maxOutputBytes) reject(new Error(`git ${args[0]}: more than ${maxOutputBytes} bytes of output`));
        else resolve({ code: code ?? 1, stdout: Buffer.concat(output), stderr: stderr.trim() });
      });
    });
  }

  /** A running git whose input and output the caller drives. */
  start(args: readonly string[], cwd: string) {
    return this.#spawn(args, cwd);
  }

  #spawn(args: readonly string[], cwd: string) {
    const child = spawn("git", [...GIT_SETTINGS, ...args], {
      cwd,
      env: gitEnvironment(this.#globalConfig),
      stdio: "pipe",
      detached: true,
    });
    child.stdin.on("error", () => {});
    return child;
  }
}

/** Ends a process that leads a group, and the group. */
export function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended.
  }
}
