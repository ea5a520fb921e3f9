/** Brings state and engine together again after a run that was interrupted: what `up`, `down` and `dev` do first. */
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { failed } from "../system/failure.ts";
import { assertOnlyClone } from "../preflight/preflight.ts";
import { containers, networks, ofStack } from "../system/engine.ts";
import { drifted } from "./drift.ts";
import { engineFacts } from "./engine-facts.ts";
import { run } from "../system/processes.ts";
import { pulumi, stateOf, type Stack } from "../stack/stack.ts";
import { ownBackend } from "../stack/environment.ts";
import { locksFolder, type State } from "../stack/state-files.ts";
import { clearStaleLocks } from "./locks.ts";
import { knownIds, orphans } from "./orphans.ts";

/** How long another Pulumi that works on the stack is waited for. */
const WAIT_FOR_OTHER_MS = 20 * 60_000;
/** An orphan may be a store: it gets this long to end cleanly. */
const STOP_SECONDS = 10;

/** Call {@link waitForOthers} first: what another Pulumi is making just now is no orphan. */
export async function repair(stack: Stack): Promise<void> {
  const state = await stateOf(stack);
  if (state.pending.length > 0) await dropPending(stack, state);
  await removeOrphans(stack, state);
}

/** Waits until no other Pulumi works on the stack, and removes the locks of those that were killed. */
export async function waitForOthers({ host, paths, name, ui }: Stack): Promise<void> {
  if (!ownBackend(paths, host.env)) return;
  const deadline = Date.now() + WAIT_FOR_OTHER_MS;
  let told = false;
  for (;;) {
    const { removed, held } = clearStaleLocks(locksFolder(paths, name));
    if (removed > 0) ui.say(`Repair: removed ${removed} lock${removed > 1 ? "s" : ""} of a Pulumi that was killed`);
    const [other] = held;
    if (!other) return;
    if (Date.now() > deadline) {
      throw failed(`process ${other.pid} on ${other.hostname} holds stack ${name} since ${other.timestamp}: end it, or "pulumi cancel --stack ${name}" if it is gone.`);
    }
    if (!told) ui.say(`Waiting for process ${other.pid} on ${other.hostname}, which works on stack ${name} since ${other.timestamp}`);
    told = true;
    await sleep(500);
  }
}

/**
 * Forgets operations that were under way: what they made is found on the engine by label, what they changed or deleted
 * by the refresh that every run does.
 */
async function dropPending(stack: Stack, state: State): Promise<void> {
  stack.ui.say(`Repair: dropping ${state.pending.length} operation${state.pending.length > 1 ? "s" : ""} that an interrupted run left unfinished`);
  const exported = JSON.parse((await pulumi(stack, ["stack", "export", "--stack", stack.name])).stdout) as { deployment: Record<string, unknown> };
  delete exported.deployment.pending_operations;
  await pulumi(stack, ["stack", "import", "--stack", stack.name], JSON.stringify(exported));
}

/** Names of what was changed behind Pulumi's back, and in one go with few questions; see {@link drifted}. */
export async function findDrift(stack: Stack): Promise<string[]> {
  const { resources } = await stateOf(stack);
  const ids = resources.flatMap(({ type, id }) => (type === "docker:index/container:Container" && id ? [id] : []));
  return drifted(resources, await engineFacts(stack.host, ids));
}

async function removeOrphans(stack: Stack, state: State): Promise<void> {
  const { host, name, paths, ui } = stack;
  const known = knownIds(state.resources);
  const [allContainers, allNetworks] = await Promise.all([containers(host, ofStack(name)), networks(host, ofStack(name))]);
  assertOnlyClone(stack, allContainers);
  const lost = orphans(allContainers, known, paths.root, existsSync);
  const lostNetworks = orphans(allNetworks, known, paths.root, existsSync);
  if (lost.length > 0) {
    ui.say(`Repair: removing containers that the state does not know: ${lost.map((container) => container.name).join(", ")}`);
    await removeContainers(stack, lost.map((container) => container.id));
  }
  for (const network of lostNetworks) {
    ui.say(`Repair: removing network ${network.name}, which the state does not know`);
    await detachAll(stack, network.id);
    const removed = await run("docker", ["network", "rm", network.id], { env: host.env });
    if (removed.code !== 0) throw failed(`network ${network.name} cannot be removed: ${removed.stderr.trim()}`);
  }
}

export async function removeContainers({ host }: Pick<Stack, "host">, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await run("docker", ["stop", "-t", String(STOP_SECONDS), ...ids], { env: host.env });
  const removed = await run("docker", ["rm", "-f", ...ids], { env: host.env });
  if (removed.code !== 0 && !/No such container/.test(removed.stderr)) throw failed(`containers cannot be removed: ${removed.stderr.trim()}`);
}

/** Containers that the state knows are put on the new network when they are replaced; this one must let go of them. */
export async function detachAll({ host }: Pick<Stack, "host">, network: string): Promise<void> {
  const attached = await run("docker", ["network", "inspect", "--format", "{{range $id, $c := .Containers}}{{$id}} {{end}}", network], { env: host.env });
  for (const id of attached.stdout.trim().split(" ").filter(Boolean)) {
    await run("docker", ["network", "disconnect", "-f", network, id], { env: host.env });
  }
}
