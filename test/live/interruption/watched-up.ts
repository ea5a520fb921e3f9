/** `./mcp up` that can be watched through Pulumi's events, and killed with all that it started. */
import type { ChildProcess } from "node:child_process";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { EngineEvent } from "../../../ops/stack/engine-events.ts";
import type { Checkout } from "../platform/support/checkout.ts";

export class WatchedUp {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  said = "";
  readonly #events: string;

  constructor(checkout: Checkout, stack: string) {
    this.#events = join(checkout.folder, ".mcp", "log", `${stack}-up-events.jsonl`);
    rmSync(this.#events, { force: true });
    this.child = checkout.start(["up", "--stack", stack]);
    this.child.stdout!.resume();
    this.child.stderr!.setEncoding("utf8").on("data", (text: string) => { this.said += text; });
    this.ended = new Promise((resolve) => { this.child.on("close", resolve); });
  }

  /** Waits for the first event that `wanted` accepts. @throws when the run ends or the time is up before it */
  async until(wanted: (event: EngineEvent) => boolean, deadlineMs = 300_000): Promise<void> {
    const end = Date.now() + deadlineMs;
    while (Date.now() < end) {
      if (this.#read().some(wanted)) return;
      if (this.child.exitCode !== null) throw new Error(`./mcp up ended before the event:\n${this.said}`);
      await sleep(20);
    }
    throw new Error(`the event did not come:\n${this.said}`);
  }

  #read(): EngineEvent[] {
    let text: string;
    try { text = readFileSync(this.#events, "utf8"); } catch { return []; }
    return text.split("\n").slice(0, -1).map((line) => JSON.parse(line) as EngineEvent);
  }

  /** SIGKILL to it and all its descendants, those in sessions of their own included. */
  kill(): void {
    const doomed = [this.child.pid!];
    const parents = parentsByProcess();
    for (const at of doomed) for (const [child, parent] of parents) if (parent === at) doomed.push(child);
    for (const pid of doomed) try { process.kill(pid, "SIGKILL"); } catch { /* it has just ended */ }
  }
}

function parentsByProcess(): Map<number, number> {
  return new Map(readdirSync("/proc").filter((entry) => /^\d+$/.test(entry)).flatMap((entry): [number, number][] => {
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, "utf8");
      return [[Number(entry), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1])]];
    } catch { return []; }
  }));
}
