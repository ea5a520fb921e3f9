/** A Docker engine: the one that answers, else the one that is installed, else Debian's docker.io. */
import { spawn } from "node:child_process";
import { mkdirSync, openSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { failed, missing } from "../system/failure.ts";
import type { Host } from "../system/host.ts";
import { lastLines, run, which } from "../system/processes.ts";
import { installPackages, installRemedy } from "./packages.ts";
import type { Prerequisite, Setting } from "./prerequisite.ts";

const ELSEWHERE = "install Docker Engine 20.10 or newer (https://docs.docker.com/engine/install)";
/** The oldest API whose engines we have run on (Docker 20.10). */
const OLDEST_API = 1.41;
const START_SECONDS = 60;

type State =
  | { kind: "answers"; version: string; api: string }
  /** No client or no engine program, and nothing answers. */
  | { kind: "absent" }
  | { kind: "stopped" }
  | { kind: "forbidden" }
  | { kind: "remote"; address: string; reason: string }
  | { kind: "old"; version: string };

export const docker: Prerequisite = {
  name: "docker",

  async check({ host }) {
    const state = await look(host);
    if (state.kind === "answers") return { state: "found", what: `Docker Engine ${state.version}, API ${state.api}` };
    return { state: "missing", what: describe(state), remedy: remedyFor(state, host) };
  },

  async provide(setting) {
    const { host } = setting;
    let state = await look(host);
    if (state.kind === "answers") return;
    if (state.kind === "absent") {
      await installPackages(setting, "Docker", ["docker.io"], ELSEWHERE);
      // Since Debian 13 the client is a package of its own.
      if (!which("docker", host.env)) await installPackages(setting, "Docker's client", ["docker-cli"], ELSEWHERE);
      state = await look(host);
      if (state.kind === "answers") return;
    }
    if (state.kind !== "stopped" || host.uid !== 0) throw missing(`${describe(state)}: ${remedyFor(state, host)}.`);
    await (host.systemd ? startService(setting) : startByHand(setting));
  },
};

async function look(host: Host): Promise<State> {
  if (!which("docker", host.env)) return { kind: "absent" };
  const probe = await run("docker", ["version", "--format", "{{.Server.Version}} {{.Server.APIVersion}}"], { env: host.env, timeoutMs: 15_000 });
  const [version, api] = probe.stdout.trim().split(" ");
  if (probe.code === 0 && version && api) {
    return Number(api.split(".")[1]) + Number(api.split(".")[0]) * 100 >= OLDEST_API * 100
      ? { kind: "answers", version, api } : { kind: "old", version };
  }
  if (/permission denied/i.test(probe.stderr)) return { kind: "forbidden" };
  if (host.env.DOCKER_HOST) return { kind: "remote", address: host.env.DOCKER_HOST, reason: lastLines(probe.stderr, 1) };
  // A client alone, as in many build images, is no engine.
  return which("dockerd", host.env) ? { kind: "stopped" } : { kind: "absent" };
}

function describe(state: State): string {
  switch (state.kind) {
    case "answers": return `Docker Engine ${state.version}`;
    case "absent": return "no Docker engine is installed";
    case "stopped": return "the Docker engine is installed and not running";
    case "forbidden": return "the Docker engine's socket may not be used by this user";
    case "remote": return `no Docker engine answers at DOCKER_HOST=${state.address} (${state.reason})`;
    case "old": return `Docker Engine ${state.version} is older than 20.10`;
  }
}

function remedyFor(state: State, host: Host): string {
  switch (state.kind) {
    case "answers": return "";
    case "absent": return host.uid === 0 && installRemedy(host, ["docker.io"], "").startsWith("run")
      ? "./mcp up installs docker.io" : installRemedy(host, ["docker.io"], ELSEWHERE);
    case "stopped":
      if (host.uid === 0) return "./mcp up starts it";
      return host.systemd ? 'run "sudo systemctl start docker", then ./mcp again' : 'run "sudo dockerd &", then ./mcp again';
    case "forbidden": return 'run "sudo usermod -aG docker $USER", log in again, then run ./mcp again';
    case "remote": return "start that engine or unset DOCKER_HOST, then run ./mcp again";
    case "old": return ELSEWHERE;
  }
}

async function startService({ host, ui }: Setting): Promise<void> {
  ui.say("Starting the Docker engine: systemctl start docker");
  const started = await run("systemctl", ["start", "docker"], { env: host.env, timeoutMs: START_SECONDS * 1000 });
  if (started.code !== 0) {
    throw missing(`the Docker engine does not start (${lastLines(started.stderr, 1)}): "systemctl status docker" says why.`);
  }
  if (!await answersWithin(host, START_SECONDS)) throw missing('the Docker engine was started and does not answer: "journalctl -u docker" says why.');
}

async function startByHand({ host, paths, ui }: Setting): Promise<void> {
  const log = join(paths.home, "log", "dockerd.log");
  mkdirSync(join(paths.home, "log"), { recursive: true });
  ui.say(`Starting the Docker engine: dockerd, log in ${log}`);
  removeStalePidFile(host.enginePidFile);
  const output = openSync(log, "a");
  // A session of its own: it goes on when this command and its terminal are gone.
  const engine = spawn("dockerd", [], { env: host.env as NodeJS.ProcessEnv, detached: true, stdio: ["ignore", output, output] });
  let ended = false;
  engine.on("error", () => { ended = true; }).on("exit", () => { ended = true; });
  engine.unref();
  if (await answersWithin(host, START_SECONDS, () => ended)) return;
  throw failed(`dockerd does not start; the end of ${log}:\n${lastLines(readFileSync(log, "utf8"), 5)}`);
}

/** dockerd refuses to start while any process has the number in its old pid file, whichever program that is. */
function removeStalePidFile(file: string): void {
  try {
    const pid = readFileSync(file, "utf8").trim();
    let program = "";
    try { program = readFileSync(`/proc/${pid}/comm`, "utf8").trim(); } catch { /* no such process */ }
    if (program !== "dockerd") rmSync(file);
  } catch { /* no pid file */ }
}

async function answersWithin(host: Host, seconds: number, gaveUp: () => boolean = () => false): Promise<boolean> {
  const deadline = Date.now() + seconds * 1000;
  while (Date.now() < deadline && !gaveUp()) {
    if ((await look(host)).kind === "answers") return true;
    await sleep(300);
  }
  return false;
}
