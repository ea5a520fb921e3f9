/** Lets agents that are to be removed finish what they hold. */
import { setTimeout as sleep } from "node:timers/promises";
import type { ServiceEntry, ServicesAnswer } from "../../contract/registry.ts";
import type { StackOutputs } from "../../contract/outputs.ts";
import { agentId } from "../../contract/services.ts";
import type { Ui } from "../cli/ui.ts";
import { callEdge, type Edge } from "../system/edge.ts";
import { Failure } from "../system/failure.ts";

const POLL_MS = 500;

/** Agents beyond the new numbers, as {id, container}. Pure. */
export function surplusAgents(agents: StackOutputs["agents"], replicas: Readonly<Record<string, number>>): { id: string; container: string }[] {
  return agents.flatMap(({ type, id, container }) => {
    const wanted = replicas[type];
    return wanted !== undefined && Number(id.slice(type.length + 1)) > wanted ? [{ id, container }] : [];
  });
}

/** Those of the agents that are registered and still take or hold tasks. Pure. */
export function stillBusy(ids: readonly string[], services: readonly ServiceEntry[]): string[] {
  return services.flatMap((entry) => {
    if (entry.kind !== "agent" || !ids.includes(agentId(entry.type, entry.n))) return [];
    return entry.status === "draining" && entry.current_task === null ? [] : [agentId(entry.type, entry.n)];
  });
}

/**
 * Tells them to take no more tasks, and waits until they hold none. What they hold after the time is over they hand
 * back when they are stopped, so nothing is lost, but it begins anew elsewhere.
 *
 * @returns those that were told
 */
export async function drainAgents(edge: Edge, ids: readonly string[], ui: Ui, timeoutMs: number): Promise<string[]> {
  const told: string[] = [];
  for (const id of ids) {
    try {
      await callEdge(edge, "POST", `/agents/${encodeURIComponent(id)}/drain`);
      told.push(id);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      ui.warn(`${id} cannot be drained: ${error.message} Tasks that it holds are handed back when it is stopped.`);
    }
  }
  if (told.length > 0) ui.say(`Draining ${told.join(", ")}: no new tasks, and what they hold is finished first`);
  const end = Date.now() + timeoutMs;
  let busy = told;
  while (busy.length > 0 && Date.now() < end) {
    await sleep(POLL_MS);
    busy = await registry(edge).then((services) => stillBusy(told, services), () => busy);
    if (busy.length > 0) ui.progress(`draining: ${busy.join(", ")} still work`);
  }
  ui.progress("");
  if (busy.length > 0) ui.warn(`${busy.join(", ")} still work after ${timeoutMs / 1000} s: their tasks are handed back and begin anew elsewhere.`);
  return told;
}

async function registry(edge: Edge): Promise<ServiceEntry[]> {
  return ((await callEdge(edge, "GET", "/services")) as ServicesAnswer).services;
}
