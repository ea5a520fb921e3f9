/** A checkout of its own for tests that deploy, add files or break things: the tree as it stands, committed. */
import { execFile, execFileSync, spawn, type ChildProcess } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const source = join(import.meta.dirname, "../../../..");

export interface Run { code: number; signal: NodeJS.Signals | null; stdout: string; stderr: string; seconds: number; all: string }

/** How a checkout's commands reach an engine that is not the machine's. */
export interface Way { via: readonly string[]; env: Record<string, string> }
const DIRECT: Way = { via: [], env: {} };

export class Checkout {
  readonly folder: string;
  readonly #way: Way;

  constructor(name: string, way: Way = DIRECT) {
    this.#way = way;
    this.folder = join(mkdtempSync(join(tmpdir(), `mcp-${name}-`)), "flash-loan-mcp");
    const files = execFileSync("git", ["-C", source, "ls-files", "-z", "--cached", "--others", "--exclude-standard"], { encoding: "utf8", maxBuffer: 1 << 26 });
    for (const file of files.split("\0").filter(Boolean)) {
      const target = join(this.folder, file);
      mkdirSync(dirname(target), { recursive: true });
      try { cpSync(join(source, file), target); } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error; // deleted, not yet committed
      }
    }
    // Hard links, not one symbolic link: an `npm ci` in the copy must not empty the original.
    const modules = [join(source, "node_modules"), join(this.folder, "node_modules")];
    try {
      execFileSync("cp", ["-al", ...modules], { stdio: "ignore" });
    } catch {
      execFileSync("cp", ["-a", ...modules]); // another file system
    }
    this.git("init", "-q", "-b", "main");
    this.git("add", "-A");
    this.git("-c", "user.name=test", "-c", "user.email=test@example.invalid", "commit", "-qm", "as it stands");
  }

  git(...args: string[]): string {
    return execFileSync("git", ["-C", this.folder, ...args], { encoding: "utf8" });
  }

  /** Starts `./mcp …`; the caller waits or kills. The child leads a process group of its own. */
  start(args: string[], env: Record<string, string> = {}): ChildProcess {
    const [command, ...all] = [...this.#way.via, "./mcp", ...args];
    return spawn(command!, all, { cwd: this.folder, env: { ...cleanEnvironment(), ...this.#way.env, ...env }, stdio: ["ignore", "pipe", "pipe"], detached: true });
  }

  /** Runs `./mcp …` to its end; never throws on a failure of the command itself. */
  mcp(args: string[], env: Record<string, string> = {}): Promise<Run> {
    return finished(this.start(args, env));
  }

  /** Runs any command in the checkout. */
  run(command: string, args: string[], env: Record<string, string> = {}): Promise<Run> {
    const started = performance.now();
    return new Promise((resolve) => {
      execFile(command, args, { cwd: this.folder, env: { ...cleanEnvironment(), ...env }, encoding: "utf8", maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
        const code = error ? (typeof error.code === "number" ? error.code : 1) : 0;
        resolve({ code, signal: error?.signal ?? null, stdout, stderr, all: stdout + stderr, seconds: (performance.now() - started) / 1000 });
      });
    });
  }

  remove(): void {
    rmSync(dirname(this.folder), { recursive: true, force: true });
  }
}

/** The test's own Pulumi settings must not reach the checkout's. */
function cleanEnvironment(): Record<string, string> {
  return Object.fromEntries(Object.entries(process.env).filter(([key]) => !/^(PULUMI_|MCP_)/.test(key))) as Record<string, string>;
}

export function finished(child: ChildProcess): Promise<Run> {
  const started = performance.now();
  let stdout = "", stderr = "", all = "";
  child.stdout!.on("data", (chunk) => { stdout += chunk; all += chunk; });
  child.stderr!.on("data", (chunk) => { stderr += chunk; all += chunk; });
  return new Promise((resolve) => child.on("close", (code, signal) =>
    resolve({ code: code ?? -1, signal, stdout, stderr, all, seconds: (performance.now() - started) / 1000 })));
}
