/**
 * A Docker engine of its own, to be stopped and filled up: in a network namespace, so that its firewall rules and ports
 * are no other engine's, with its data on a tmpfs of a known size.
 */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const NAMESPACE = "mcp-engine-test";
const [OUTER, INNER] = ["mcpet0", "mcpet1"];
const SUBNET = "10.213.77";
const MIB = 2 ** 20;

/** What reaches the outside from the namespace, in both directions. */
const RULES = [
  ["-t", "nat", "POSTROUTING", "-s", `${SUBNET}.0/30`, "!", "-o", OUTER, "-j", "MASQUERADE"],
  ["-t", "filter", "FORWARD", "-i", OUTER, "-j", "ACCEPT"],
  ["-t", "filter", "FORWARD", "-o", OUTER, "-j", "ACCEPT"],
].map(([t, table, chain, ...rule]) => (change: "-I" | "-D") => ["iptables", t!, table!, change, chain!, ...rule]);

const call = (command: readonly string[]): string => execFileSync(command[0]!, command.slice(1), { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
const tolerant = (command: readonly string[]): void => { try { call(command); } catch { /* it is not there */ } };

export class PrivateEngine {
  readonly #folder = mkdtempSync(join(tmpdir(), "mcp-engine-"));
  readonly #data = join(this.#folder, "data");
  readonly #sizeMiB: number;
  #process: ChildProcess | null = null;

  /** What a command is run through to be in the engine's namespace. */
  readonly via: readonly string[] = ["nsenter", `--net=/run/netns/${NAMESPACE}`];
  readonly env = { DOCKER_HOST: `unix://${join(this.#folder, "docker.sock")}` };

  /** @param sizeMiB of the disk that holds the engine's images and containers */
  constructor(sizeMiB: number) {
    if (process.getuid!() !== 0) throw new Error("an engine of one's own needs root: run ./mcp test as root");
    this.#sizeMiB = sizeMiB;
    removeNetwork();
    call(["ip", "netns", "add", NAMESPACE]);
    call(["ip", "link", "add", OUTER, "type", "veth", "peer", "name", INNER, "netns", NAMESPACE]);
    call(["ip", "address", "add", `${SUBNET}.1/30`, "dev", OUTER]);
    call(["ip", "link", "set", OUTER, "up"]);
    for (const inside of [["address", "add", `${SUBNET}.2/30`, "dev", INNER], ["link", "set", INNER, "up"], ["link", "set", "lo", "up"], ["route", "add", "default", "via", `${SUBNET}.1`]]) {
      call(["ip", "-n", NAMESPACE, ...inside]);
    }
    for (const rule of RULES) call(rule("-I"));
    mkdirSync(this.#data);
    call(["mount", "-t", "tmpfs", "-o", `size=${sizeMiB}m`, "mcp-engine-test", this.#data]);
  }

  async start(): Promise<void> {
    const log = join(this.#folder, "dockerd.log");
    const output = openSync(log, "a");
    const [command, ...args] = [...this.via, "dockerd", "--host", this.env.DOCKER_HOST, "--data-root", this.#data,
      "--exec-root", join(this.#folder, "exec"), "--pidfile", join(this.#folder, "pid")];
    this.#process = spawn(command!, args, { stdio: ["ignore", output, output] });
    closeSync(output);
    for (let tries = 0; tries < 200; tries++) {
      await sleep(200);
      try { call(["docker", "--host", this.env.DOCKER_HOST, "version"]); return; } catch { /* not yet */ }
    }
    throw new Error(`the engine does not start:\n${readFileSync(log, "utf8").slice(-2000)}`);
  }

  /** As a machine stops it: its containers end with it. */
  async stop(): Promise<void> {
    const engine = this.#process;
    this.#process = null;
    if (!engine || engine.exitCode !== null) return;
    const ended = new Promise((resolve) => engine.once("close", resolve));
    engine.kill("SIGTERM");
    await ended;
  }

  /** Leaves `freeMiB` on the engine's disk, by making it smaller: what a build writes meanwhile cannot come in between. */
  fill(freeMiB: number): void {
    const { blocks, bfree, bsize } = statfsSync(this.#data);
    this.#resize(Math.ceil((blocks - bfree) * bsize / MIB) + freeMiB);
  }

  /** Gives the disk its size again. */
  empty(): void {
    this.#resize(this.#sizeMiB);
  }

  #resize(sizeMiB: number): void {
    call(["mount", "-o", `remount,size=${sizeMiB}m`, this.#data]);
  }

  async remove(): Promise<void> {
    await this.stop();
    // Overlays that a container left, then the disk itself.
    for (const point of mountsBelow(this.#folder)) tolerant(["umount", "--lazy", point]);
    removeNetwork();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Deepest first. */
function mountsBelow(folder: string): string[] {
  return readFileSync("/proc/self/mounts", "utf8").split("\n").map((line) => line.split(" ")[1] ?? "").filter((point) => point.startsWith(`${folder}/`)).toReversed();
}

function removeNetwork(): void {
  for (const rule of RULES) tolerant(rule("-D"));
  tolerant(["ip", "link", "delete", OUTER]);
  tolerant(["ip", "netns", "delete", NAMESPACE]);
}
