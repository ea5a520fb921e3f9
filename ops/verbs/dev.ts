import type { Verb } from "../cli/verb.ts";
import { provideAll } from "../prerequisites/index.ts";
import { repair, waitForOthers } from "../repair/repair.ts";
import { deploy } from "../stack/deployment.ts";
import { planOf } from "../stack/plan.ts";
import { named, stackContainers } from "../stack/services.ts";
import { openStack, stateOf } from "../stack/stack.ts";
import type { StateResource } from "../stack/state-files.ts";
import { failed } from "../system/failure.ts";
import { showLogs } from "./logs.ts";

export const dev: Verb = {
  name: "dev",
  synopsis: "<service> [--no-follow]",
  summary: "Rebuild and replace one service from source, and follow its log",
  details: "Everything else stays as it is, also where its source has changed: ./mcp up brings all of it up to date.",
  onStack: true,
  positionals: { min: 1, max: 1 },
  options: { "no-follow": { type: "boolean", help: "end when the service is replaced" } },
  async run(context) {
    const { args, host, ui } = context;
    const begun = Date.now();
    await provideAll(context);
    const stack = await openStack(context);
    planOf(stack.paths, stack.name, stack.config);
    await waitForOthers(stack);
    await repair(stack);
    const chosen = named(await stackContainers(host, stack.name), args.positionals[0]!);
    const targets = targetsFor((await stateOf(stack)).resources, chosen.map(({ id }) => id));
    if (targets.length === 0) throw failed(`the state of stack ${stack.name} does not know ${chosen.map(({ name }) => name).join(", ")}: run "./mcp up --stack ${stack.name}" first.`);
    const { changes } = await deploy(stack, "up", targets.flatMap((urn) => ["--target", urn]));
    const replaced = (changes?.replace ?? 0) + (changes?.create ?? 0) + (changes?.update ?? 0) > 0;
    ui.say(`${args.positionals[0]} ${replaced ? "replaced" : "is unchanged"} (${Math.round((Date.now() - begun) / 1000)} s)`);
    if (args.flags["no-follow"]) return 0;
    return showLogs(host, named(await stackContainers(host, stack.name), args.positionals[0]!), { follow: true, tail: "20" });
  },
};

/** URNs of the containers with these ids, and of the images they are made from, bases included. Pure. */
export function targetsFor(resources: readonly StateResource[], ids: readonly string[]): string[] {
  const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
  const images = (urn: string): string[] => {
    const resource = byUrn.get(urn);
    if (resource?.type !== "docker:index/remoteImage:RemoteImage") return [];
    return [urn, ...(resource.dependencies ?? []).flatMap(images)];
  };
  const containers = resources.filter(({ type, id }) => type === "docker:index/container:Container" && id !== undefined && ids.includes(id));
  return [...new Set(containers.flatMap((container) => [...(container.dependencies ?? []).flatMap(images), container.urn]))];
}
