import { spawn, execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

export const repository = resolve(import.meta.dirname, "../..");

export function toolchainDirectory(): string {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  const directory =
    process.env.MCP_TOOLCHAIN ||
    join(
      cache,
      "flash-loan-mcp/toolchain",
      execFileSync(join(repository, "toolchain/hash"), { encoding: "utf8" }).trim(),
    );
  if (!existsSync(join(directory, "bin/pulumi"))) {
    throw new Error(`no toolchain in ${directory}: run toolchain/build --out ${directory}, or set MCP_TOOLCHAIN`);
  }
  return resolve(directory);
}

export interface Result {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  /** Both streams, in the order of arrival. */
  output: string;
  milliseconds: number;
}

export interface Running {
  pid: number;
  result: Promise<Result>;
  /** Resolves when the output so far matches; rejects when the command ends before it does. */
  seen(pattern: RegExp): Promise<RegExpMatchArray>;
}

/** A Pulumi home, file backend and projects below one temporary directory. */
export class Workshop {
  readonly directory = mkdtempSync(join(tmpdir(), "toolchain-test-"));
  readonly toolchain = toolchainDirectory();
  private readonly environment: NodeJS.ProcessEnv;

  constructor() {
    mkdirSync(join(this.directory, "state"));
    this.environment = {
      ...process.env,
      // The tests' own Node.js runs the programs too: a system node may lack type stripping.
      PATH: [join(this.toolchain, "bin"), dirname(process.execPath), process.env.PATH].join(":"),
      PULUMI_HOME: join(this.directory, "home"),
      PULUMI_BACKEND_URL: `file://${join(this.directory, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "toolchain-test",
      PULUMI_SKIP_UPDATE_CHECK: "1",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      NO_COLOR: "1",
    };
  }

  async installPlugins(): Promise<void> {
    for (const [name, version] of [["docker", "5.2.0"], ["random", "4.21.2"]] as const) {
      const file = join(this.toolchain, `plugins/pulumi-resource-${name}`);
      expectSuccess(
        await this.pulumi(this.directory, ["plugin", "install", "resource", name, version, "--file", file]),
      );
    }
  }

  /** Writes a directory of files that finds the repository's node_modules. */
  folder(name: string, files: Record<string, string>): string {
    const path = join(this.directory, name);
    mkdirSync(path, { recursive: true });
    for (const [file, content] of Object.entries(files)) writeFileSync(join(path, file), content);
    if (!existsSync(join(path, "node_modules"))) {
      symlinkSync(join(repository, "node_modules"), join(path, "node_modules"));
    }
    return path;
  }

  async project(name: string, program: string, options = "typescript: false"): Promise<string> {
    const path = this.folder(name, {
      "Pulumi.yaml": `name: ${name}\nmain: index.ts\nruntime:\n  name: nodejs\n  options: { ${options} }\n`,
      "package.json": JSON.stringify({
        name,
        type: "module",
        dependencies: { "@pulumi/pulumi": "*", "@pulumi/random": "*", "@pulumi/docker": "*" },
      }),
      "index.ts": program,
    });
    expectSuccess(await this.pulumi(path, ["stack", "init", "test"]));
    return path;
  }

  policyPack(name: string, source: string, main = "index.js"): string {
    return this.folder(name, {
      "PulumiPolicy.yaml": "runtime: nodejs\n",
      "package.json": JSON.stringify({ name, version: "1.2.3", type: "module", main }),
      [main]: source,
    });
  }

  start(directory: string, args: string[], environment: NodeJS.ProcessEnv = {}, prefix: string[] = []): Running {
    const began = Date.now();
    const [command, ...rest] = [...prefix, join(this.toolchain, "bin/pulumi"), "--non-interactive", ...args];
    const child = spawn(command!, rest, {
      cwd: directory,
      env: { ...this.environment, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
      // A group of its own, as a terminal would give it: a SIGINT then reaches exactly this command.
      detached: true,
    });
    let stdout = "";
    let stderr = "";
    let output = "";
    const watchers: (() => void)[] = [];
    const watch = () => watchers.slice().forEach((watcher) => watcher());
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      output += text;
      watch();
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
      output += text;
      watch();
    });
    const result = new Promise<Result>((done, failed) => {
      child.on("error", failed);
      child.on("close", (code, signal) => {
        done({ code, signal, stdout, stderr, output, milliseconds: Date.now() - began });
      });
    });
    return {
      pid: child.pid as number,
      result,
      seen: (pattern) =>
        new Promise((done, failed) => {
          const look = () => {
            const match = output.match(pattern);
            if (match) done(match);
          };
          watchers.push(look);
          look();
          void result.then(() => failed(new Error(`ended without ${pattern}:\n${output}`)));
        }),
    };
  }

  pulumi(directory: string, args: string[], environment: NodeJS.ProcessEnv = {}): Promise<Result> {
    return this.start(directory, args, environment).result;
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export function expectSuccess(result: Result): Result {
  if (result.code !== 0) throw new Error(`exit code ${result.code ?? result.signal}:\n${result.output}`);
  return result;
}

export function expectFailure(result: Result): Result {
  if (result.code === 0) throw new Error(`expected a failure, but it succeeded:\n${result.output}`);
  return result;
}

export function isAlive(pid: number): boolean {
  try {
    // A zombie has ended; in a container nobody may come to collect it.
    return !execFileSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" }).startsWith("Z");
  } catch {
    return false;
  }
}

export async function until(condition: () => boolean, milliseconds: number): Promise<boolean> {
  const deadline = Date.now() + milliseconds;
  while (!condition()) {
    if (Date.now() > deadline) return false;
    await new Promise((tick) => setTimeout(tick, 50));
  }
  return true;
}
