/** Runs Pulumi's up and destroy with progress, and ends them in good order on Ctrl-C. */
import { spawn } from "node:child_process";
import { appendFileSync, closeSync, mkdirSync, openSync, readFileSync, readSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import type { Ui } from "../cli/ui.ts";
import { failed } from "../system/failure.ts";
import { lastLines, run } from "../system/processes.ts";
import { noProgress, statusLine, take, type EngineEvent, type Progress } from "./engine-events.ts";
import type { Stack } from "./stack.ts";

const POLL_MS = 250;
/** Without a terminal a long step is mentioned this often, so that a log shows life. */
const LIFE_SIGN_SECONDS = 30;
const ENGINE_ANSWERS_MS = 15_000;

/** @throws {Failure} with exit code 1 and Pulumi's errors */
export async function deploy(stack: Stack, verb: "up" | "destroy", args: readonly string[]): Promise<Progress> {
  const { paths, ui } = stack;
  const folder = join(paths.home, "log");
  mkdirSync(folder, { recursive: true });
  const events = join(folder, `${stack.name}-${verb}-events.jsonl`);
  const log = join(folder, `${stack.name}-${verb}.log`);
  rmSync(events, { force: true });

  const output = openSync(log, "w", 0o600);
  const child = spawn(stack.program, [verb, "--stack", stack.name, "--yes", "--skip-preview", "--non-interactive", "--color", "never",
    "--suppress-progress", "--suppress-outputs", "--event-log", events, ...args], {
    cwd: paths.root,
    // The flag --event-log exists only for those who debug.
    env: { ...stack.env, PULUMI_DEBUG_COMMANDS: "true" } as NodeJS.ProcessEnv,
    // Into the file, not through us: a pipe that breaks when we are killed would kill Pulumi too.
    stdio: ["ignore", output, output],
    // A group of its own: Ctrl-C reaches it once, through us. Pulumi takes a second one for "at once".
    detached: true,
  });
  closeSync(output);

  const guardian = guard(child.pid);
  const interruptions = passOn(ui, child);
  const follower = follow(ui, events);
  const code = await new Promise<number>((resolve) => {
    child.on("error", (error) => { appendFileSync(log, `${error.message}\n`); resolve(127); });
    child.on("close", (exit) => resolve(exit ?? 1));
  });
  const progress = follower.end();
  interruptions.end();
  guardian.end();
  if (code === 0) return progress;
  if (interruptions.count > 0) {
    throw failed(`interrupted; what was begun is recorded, and "./mcp ${verb === "up" ? "up" : "down"}" goes on from there.`);
  }
  // What Pulumi says of a lost engine depends on what it was doing, so the engine is asked.
  const { code: engine } = await run("docker", ["version", "--format", "{{.Server.Version}}"], { env: stack.host.env, timeoutMs: ENGINE_ANSWERS_MS });
  throw failed(explain(stack, verb, progress, log, engine !== 0));
}

/**
 * Should this command be killed, Pulumi is interrupted, ends in good order and does not go on unseen. By a pipe that
 * closes with us, and not by the kernel's parent-death signal: that comes once for each of Node's threads, and Pulumi
 * takes a second SIGINT for "at once".
 */
function guard(pid: number | undefined): { end(): void } {
  if (pid === undefined) return { end() {} };
  const guardian = spawn("sh", ["-c", 'read -r _ || kill -INT "$1"', "sh", String(pid)], { stdio: ["pipe", "ignore", "ignore"], detached: true });
  guardian.on("error", () => {});
  guardian.stdin.on("error", () => {});
  guardian.unref();
  return { end() { guardian.stdin.end("\n"); } };
}

/** Sends the first interruption on for a graceful end, and each later one as it comes. */
function passOn(ui: Ui, child: { pid?: number }): { count: number; end(): void } {
  const state = {
    count: 0,
    end() { for (const signal of signals) process.off(signal, interrupt); process.off("exit", atExit); },
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  const interrupt = () => {
    state.count += 1;
    ui.warn(state.count === 1
      ? "Interrupted: Pulumi finishes the steps under way and records them (again to stop at once)"
      : "Interrupted again: stopping at once; the next ./mcp up repairs what is left");
    interruptPulumi(child);
  };
  const atExit = () => interruptPulumi(child);
  for (const signal of signals) process.on(signal, interrupt);
  process.on("exit", atExit);
  return state;
}

/** Pulumi alone: it ends its plugins when it is done with them. */
function interruptPulumi(child: { pid?: number }): void {
  try { if (child.pid) process.kill(child.pid, "SIGINT"); } catch { /* it has ended */ }
}

/** Reads the event log while it grows. */
function follow(ui: Ui, file: string): { end(): Progress } {
  const progress = noProgress();
  const buffer = Buffer.alloc(1 << 16);
  let position = 0;
  let rest = Buffer.alloc(0);
  let spoken = Date.now();
  const read = () => {
    let descriptor: number;
    try { descriptor = openSync(file, "r"); } catch { return; }
    for (let size; (size = readSync(descriptor, buffer, 0, buffer.length, position)) > 0;) {
      position += size;
      rest = Buffer.concat([rest, buffer.subarray(0, size)]);
      for (let end; (end = rest.indexOf(10)) >= 0; rest = rest.subarray(end + 1)) {
        const line = take(progress, JSON.parse(rest.subarray(0, end).toString("utf8")) as EngineEvent, Date.now() / 1000);
        if (line) { ui.say(line); spoken = Date.now(); }
      }
    }
    closeSync(descriptor);
  };
  const timer = setInterval(() => {
    read();
    const status = statusLine(progress, Date.now() / 1000);
    ui.progress(status);
    if (!process.stderr.isTTY && Date.now() - spoken > LIFE_SIGN_SECONDS * 1000) {
      ui.say(`  ${status}`);
      spoken = Date.now();
    }
  }, POLL_MS);
  return {
    end() {
      clearInterval(timer);
      read();
      ui.progress("");
      return progress;
    },
  };
}

function explain(stack: Stack, verb: string, progress: Progress, log: string, gone: boolean): string {
  // The engine's last word only says that there were errors.
  const errors = progress.errors.filter((text) => !/^(update|destroy) failed$/.test(text));
  const said = errors.length > 0 ? errors : [lastLines(readFileSync(log, "utf8"), 10) || "Pulumi said nothing"];
  const full = said.some((text) => /no space left on device/i.test(text));
  const unready = said.some((text) => /failed to be in healthy state/.test(text));
  const remedy = gone ? `The Docker engine went away. "./mcp ${verb === "up" ? "up" : "down"}" starts it and goes on from here.`
    : unready ? 'The edge is healthy once the hub is ready: "./mcp logs hub" says what it waits for. Then run the command again: it goes on from here.'
    : full ? "The engine's disk is full. Free some of it, then run the command again: it goes on from here."
    : "Run the command again once this is cured: it goes on from here.";
  return [`${verb} of stack ${stack.name} failed (all of Pulumi's output: ${relative(stack.paths.root, log)}):`, ...said.map((text) => `  ${text.replaceAll("\n", "\n  ")}`), remedy].join("\n");
}
