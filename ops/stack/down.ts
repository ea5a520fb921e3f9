/** Takes a stack down, with or without its data. */
import { rmSync } from "node:fs";
import type { Context } from "../cli/verb.ts";
import { docker as dockerEngine } from "../prerequisites/docker.ts";
import { detachAll, removeContainers, repair, waitForOthers } from "../repair/repair.ts";
import { containers, docker, networks, ofStack, volumes } from "../system/engine.ts";
import { deploy } from "./deployment.ts";
import { openStack, stateOf, type Stack } from "./stack.ts";
import { setStateAside, type StateResource } from "./state-files.ts";
import { assertStack, workingFile } from "./working-copy.ts";

export interface Extent {
  /** Data volumes and the root key go too. */
  volumes: boolean;
  /** Without the state, by label. */
  forget: boolean;
}

export async function takeDown(context: Context, extent: Extent): Promise<void> {
  const { host, paths, ui, stack: name } = context;
  assertStack(paths, name);
  await dockerEngine.provide(context);
  if (extent.forget) await forget(context);
  else {
    const stack = await openStack(context);
    await waitForOthers(stack);
    await repair(stack);
    await destroy(stack, extent);
  }
  if (extent.volumes) await removeVolumes(context);
  const left = await volumes(host, name);
  ui.say(left.length > 0 ? `Stack ${name} is down; its data stays in ${left.length} volumes` : `Stack ${name} is down`);
  if (extent.forget) rmSync(workingFile(paths, name), { force: true });
}

/**
 * What `down` leaves, in the state too: the data; the key its passwords were made from, without which the next `up`
 * would stand before stores that it cannot open; and the images, which stay on the engine in any case.
 */
const KEPT_TYPES = ["docker:index/volume:Volume", "random:index/randomPassword:RandomPassword", "docker:index/remoteImage:RemoteImage"];

export function kept(resources: readonly StateResource[]): string[] {
  return resources.filter(({ type }) => KEPT_TYPES.includes(type)).map(({ urn }) => urn);
}

async function destroy(stack: Stack, extent: Extent): Promise<void> {
  const { resources } = await stateOf(stack);
  const stays = extent.volumes ? [] : kept(resources);
  const goes = resources.filter(({ id, type, urn }) => id !== undefined && !type.startsWith("pulumi:") && !stays.includes(urn));
  if (goes.length === 0) return;
  stack.ui.say(`Taking stack ${stack.name} down`);
  const protectedToo = extent.volumes && resources.some(({ protect }) => protect);
  await deploy(stack, "destroy", [...stays.flatMap((urn) => ["--exclude", urn]), ...(protectedToo ? ["--ignore-protect"] : [])]);
}

async function removeVolumes({ host, ui, stack }: Context): Promise<void> {
  for (const volume of await volumes(host, stack)) {
    await docker(host, ["volume", "rm", volume]);
    ui.say(`  volume ${volume} removed`);
  }
}

async function forget({ host, paths, ui, stack: name }: Context): Promise<void> {
  const mine = (await containers(host, ofStack(name))).map(({ id }) => id);
  ui.say(`Removing ${mine.length} containers and the networks of stack ${name} by their label`);
  await removeContainers({ host }, mine);
  for (const network of await networks(host, ofStack(name))) {
    await detachAll({ host }, network.id);
    await docker(host, ["network", "rm", network.id]);
  }
  const aside = setStateAside(paths, name);
  if (aside) ui.say(`The unreadable state lies in ${aside} now`);
}
