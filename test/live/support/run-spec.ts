/**
 * Starts a ServiceSpec with the docker command line, the way the deployment does: same user, capabilities, limits,
 * secret files and probes. For live tests that need one or a few containers and no stack.
 */
import { execFile, execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { stageImages } from "../../../components/staging/stage.ts";
import { keyring, type Keyring } from "../../../plan/secrets.ts";
import type { ServiceSpec } from "../../../plan/service-spec.ts";

const ROOT = join(import.meta.dirname, "../../..");
const run = promisify(execFile);

export async function docker(...args: string[]): Promise<string> {
  const { stdout } = await run("docker", args, { maxBuffer: 1 << 26 });
  return stdout.trim();
}

/** Each has a /16 of its own, outside those that Docker gives to networks which name none: suites run at once. */
const PREFIXES = [
  "agents-test-", "bench-fabric-", "codesearch-test-", "fleet-test-", "hub-test-", "infra-test-", "kit-test-", "servers-test-", "books-test-",
] as const;

export interface SpecRunnerOptions {
  /** Before the names of containers, volumes, images and the network: no two runners at one time share it. */
  prefix: (typeof PREFIXES)[number];
  /** Stands for the stack's root key. */
  rootKey?: string;
}

export class SpecRunner {
  readonly keys: Keyring;
  readonly rootKey: string;
  readonly #prefix: string;
  readonly #subnet: string;
  readonly #addresses = new Map<string, string>();
  readonly #specs = new Map<string, ServiceSpec>();

  constructor({ prefix, rootKey = "root key of a test, worth nothing" }: SpecRunnerOptions) {
    this.#prefix = prefix;
    this.#subnet = `10.${200 + PREFIXES.indexOf(prefix)}`;
    this.rootKey = rootKey;
    this.keys = keyring(rootKey);
  }

  get network(): string {
    return `${this.#prefix}net`;
  }

  /** Clears what an interrupted earlier run left, and makes the network. */
  async setUp(): Promise<void> {
    await this.tearDown();
    await docker("network", "create", "--subnet", `${this.#subnet}.0.0/16`, "--label", this.#label, this.network);
  }

  async tearDown(): Promise<void> {
    const words = (text: string): string[] => text.split("\n").filter(Boolean);
    const containers = words(await docker("ps", "-aq", "--filter", `label=${this.#label}`));
    if (containers.length > 0) await docker("rm", "-f", "-v", ...containers);
    for (const network of words(await docker("network", "ls", "-q", "--filter", `label=${this.#label}`))) await docker("network", "rm", network);
    const volumes = words(await docker("volume", "ls", "-q", "--filter", `label=${this.#label}`));
    if (volumes.length > 0) await docker("volume", "rm", ...volumes);
  }

  container(name: string): string {
    return `${this.#prefix}${name}`;
  }

  /** Reachable from this machine. Stays the same over restarts. */
  address(name: string): string {
    const known = this.#addresses.get(name) ?? `${this.#subnet}.1.${this.#addresses.size + 1}`;
    this.#addresses.set(name, known);
    return known;
  }

  /** Builds the image where it is missing, creates the container (in place of one that is there) with its files in it, and starts it. */
  async start(spec: ServiceSpec, keys: Keyring = this.keys): Promise<void> {
    const name = this.container(spec.name);
    this.#specs.set(spec.name, spec);
    const address = this.address(spec.name);
    const image = await this.#image(spec);
    for (const { volume } of spec.volumes) await docker("volume", "create", "--label", this.#label, `${this.#prefix}${volume}`);
    const { resources } = spec;
    await this.remove(spec.name);
    await docker("create", "--name", name, "--label", this.#label, "--hostname", spec.host,
      "--network", this.network, ...[spec.host, ...(spec.aliases ?? [])].flatMap((alias) => ["--network-alias", alias]), "--ip", address,
      "--user", spec.user, "--cap-drop", "ALL", ...spec.addCapabilities.flatMap((capability) => ["--cap-add", capability]),
      "--security-opt", "no-new-privileges:true",
      "--memory", `${resources.memoryMiB}m`, "--memory-swap", `${resources.memoryMiB}m`, "--cpus", String(resources.cpus),
      "--stop-timeout", String(spec.stopGraceSeconds),
      ...spec.volumes.flatMap(({ volume, path, readOnly }) => ["--volume", `${this.#prefix}${volume}:${path}${readOnly ? ":ro" : ""}`]),
      ...spec.binds.flatMap(({ hostPath, path }) => ["--volume", `${hostPath}:${path}:ro`]),
      ...Object.entries(spec.env).flatMap(([key, value]) => ["--env", `${key}=${typeof value === "string" ? value : keys.render([value])}`]),
      "--no-healthcheck", image, ...(spec.command ?? []));
    this.#upload(name, [
      ...spec.files.map(({ path, content }) => ({ path, content, mode: 0o444 })),
      ...spec.secrets.map(({ path, parts }) => ({ path, content: keys.render(parts), mode: 0o440 })),
    ]);
    await docker("start", name);
  }

  /** Runs the spec's own probe until it succeeds. @returns milliseconds it took @throws {Error} with the log's end */
  async ready(name: string, withinMs: number): Promise<number> {
    const spec = this.#specs.get(name)!;
    const started = performance.now();
    for (;;) {
      if (await this.healthy(name)) return Math.round(performance.now() - started);
      if (performance.now() - started > withinMs) {
        const { stdout, stderr } = await run("docker", ["logs", "--tail", "40", this.container(name)]);
        throw new Error(`${spec.name} is not healthy after ${withinMs} ms:\n${stdout}${stderr}`);
      }
      await sleep(100);
    }
  }

  async healthy(name: string): Promise<boolean> {
    return this.exec(name, ...this.#specs.get(name)!.health.test).then(() => true, () => false);
  }

  exec(name: string, ...command: string[]): Promise<string> {
    return docker("exec", this.container(name), ...command);
  }

  async kill(name: string): Promise<void> {
    await docker("kill", "--signal", "KILL", this.container(name));
    await docker("wait", this.container(name));
  }

  async restart(name: string): Promise<void> {
    await docker("start", this.container(name));
  }

  /** @returns milliseconds and exit code; 137 means that the grace was used up */
  async stop(name: string): Promise<{ ms: number; exitCode: number }> {
    const started = performance.now();
    await docker("stop", "--time", String(this.#specs.get(name)!.stopGraceSeconds), this.container(name));
    const exitCode = Number(await docker("inspect", "--format", "{{.State.ExitCode}}", this.container(name)));
    return { ms: Math.round(performance.now() - started), exitCode };
  }

  async removeVolume(volume: string): Promise<void> {
    await docker("volume", "rm", `${this.#prefix}${volume}`);
  }

  /** The container, not its volumes: what a replacement does. */
  async remove(name: string): Promise<void> {
    await docker("rm", "-f", this.container(name)).catch((error: { stderr?: string }) => {
      if (!error.stderr?.includes("No such container")) throw error;
    });
  }

  async logs(name: string): Promise<string> {
    const { stdout, stderr } = await run("docker", ["logs", this.container(name)], { maxBuffer: 1 << 26 });
    return stdout + stderr;
  }

  get #label(): string {
    return `mcp.test=${this.#prefix}`;
  }

  async #image(spec: ServiceSpec): Promise<string> {
    if ("reference" in spec.image) return spec.image.reference;
    const staged = (await stageImages(ROOT, this.#prefix, [spec.image.build])).get(spec.image.build.name)!;
    await build(staged.name, join(ROOT, staged.context));
    return staged.name;
  }

  #upload(container: string, files: { path: string; content: string; mode: number }[]): void {
    if (files.length === 0) return;
    const stage = mkdtempSync(join(tmpdir(), `${this.#prefix}files-`));
    try {
      for (const { path, content, mode } of files) {
        const target = join(stage, path);
        mkdirSync(dirname(target), { recursive: true, mode: 0o755 });
        writeFileSync(target, content);
        chmodSync(target, mode);
      }
      const paths = [...new Set(files.map(({ path }) => dirname(path).slice(1))), ...files.map(({ path }) => path.slice(1))];
      const tar = execFileSync("tar", ["-c", "--no-recursion", "--owner=0", "--group=0", "-C", stage, ...paths]);
      execFileSync("docker", ["cp", "-", `${container}:/`], { input: tar, stdio: ["pipe", "pipe", "pipe"] });
    } finally {
      rmSync(stage, { recursive: true });
    }
  }
}

/** A client without its buildx plugin cannot use BuildKit; an older one beside it may. */
async function build(tag: string, context: string): Promise<void> {
  const failures: string[] = [];
  for (const client of ["docker", "/usr/bin/docker"]) {
    try {
      await run(client, ["build", "--quiet", "--tag", tag, context], { env: { ...process.env, DOCKER_BUILDKIT: "1" } });
      return;
    } catch (error) {
      failures.push(`${client}: ${String((error as { stderr?: unknown }).stderr ?? error)}`);
    }
  }
  throw new Error(`Cannot build ${tag} in ${context}:\n${failures.join("\n")}`);
}
