/** Waits until everything that a stack deploys has registered itself. */
import { setTimeout as sleep } from "node:timers/promises";
import type { ServiceEntry, ServicesAnswer } from "../../contract/registry.ts";
import type { StackOutputs } from "../../contract/outputs.ts";
import type { Ui } from "../cli/ui.ts";
import { callEdge, edgeOf } from "../system/edge.ts";
import { failed, Failure } from "../system/failure.ts";
import type { Host } from "../system/host.ts";
import { lastLines, run } from "../system/processes.ts";
import type { AllOutputs } from "./outputs.ts";

const DEADLINE_MS = 120_000;
const POLL_MS = 500;
const LOG_LINES = 5;

interface Instance { container: string; host: string }

/** Servers and agents of the outputs that the registry does not list. Pure. */
export function unregistered(outputs: Pick<StackOutputs, "servers" | "agents">, entries: readonly Pick<ServiceEntry, "host">[]): Instance[] {
  const hosts = new Set(entries.map(({ host }) => host));
  return [...outputs.servers, ...outputs.agents].filter(({ host }) => !hosts.has(host)).map(({ container, host }) => ({ container, host }));
}

/** @throws {Failure} with exit code 1 after the deadline, naming what is missing, with the end of its log */
export async function waitUntilRegistered(outputs: AllOutputs, host: Host, ui: Ui, deadlineMs = DEADLINE_MS): Promise<number> {
  const edge = edgeOf(outputs);
  const total = outputs.servers.length + outputs.agents.length;
  const end = Date.now() + deadlineMs;
  let absent: Instance[] = unregistered(outputs, []);
  let trouble = "";
  for (;;) {
    try {
      absent = unregistered(outputs, (await callEdge(edge, "GET", "/services") as ServicesAnswer).services);
      trouble = "";
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      trouble = error.message;
    }
    if (absent.length === 0 && !trouble) {
      ui.progress("");
      return total;
    }
    if (Date.now() > end) break;
    ui.progress(`[${total - absent.length}/${total} registered] ${trouble || `waiting for ${absent.map((instance) => instance.host).join(", ")}`}`);
    await sleep(POLL_MS);
  }
  ui.progress("");
  throw failed([
    `after ${deadlineMs / 1000} s ${trouble ? `the registry cannot be read: ${trouble}` : `${absent.length} of ${total} services have not registered:`}`,
    ...await Promise.all((trouble ? gatekeepers(outputs) : absent).map(async ({ container }) => `${container}:\n${await logEnd(host, container)}`)),
    'Their containers run: "./mcp logs <service>" shows more, and "./mcp up" waits again.',
  ].join("\n"));
}

/** What stands between us and the registry. */
function gatekeepers(outputs: AllOutputs): Instance[] {
  // All containers of a stack carry the same prefix before their host.
  const [sample] = [...outputs.servers, ...outputs.agents];
  const prefix = sample ? sample.container.slice(0, sample.container.length - sample.host.length) : "";
  return ["nginx", "mcp-coordinator"].map((name) => ({ container: prefix + name, host: name }));
}

async function logEnd(host: Host, container: string): Promise<string> {
  const log = await run("docker", ["logs", "--tail", String(LOG_LINES), container], { env: host.env, timeoutMs: 10_000 });
  const text = lastLines(log.stdout + log.stderr, LOG_LINES).trim();
  return (text || "(no log)").split("\n").map((line) => `  ${line}`).join("\n");
}
