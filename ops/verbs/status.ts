import type { ServicesAnswer } from "../../contract/registry.ts";
import { table } from "../cli/table.ts";
import type { Context, Verb } from "../cli/verb.ts";
import { docker } from "../prerequisites/docker.ts";
import { allOutputs } from "../stack/outputs.ts";
import { stackContainers } from "../stack/services.ts";
import { openStack } from "../stack/stack.ts";
import { callEdge, edgeOf } from "../system/edge.ts";
import { serviceOf } from "../system/engine.ts";
import { Failure } from "../system/failure.ts";

interface Row { service: string; container: string; status: string; registered: string }

export const status: Verb = {
  name: "status",
  synopsis: "[--json]",
  summary: "Show every container, its health and its registration",
  onStack: true,
  reports: true,
  async run(context) {
    const found = await docker.check(context);
    if (found.state === "missing") throw new Failure(3, `${found.what}: ${found.remedy}.`);
    const [all, registry] = [await stackContainers(context.host, context.stack), await registered(context)];
    const rows: Row[] = all.map((container) => ({
      service: serviceOf(container),
      container: container.name,
      status: container.status,
      registered: registry.statuses.get(container.name) ?? "-",
    }));
    if (context.json) console.log(JSON.stringify({ stack: context.stack, registry: registry.trouble ?? "reachable", containers: rows }, null, 2));
    else console.log(table(["SERVICE", "CONTAINER", "STATUS", "REGISTERED"], rows.map((row) => [row.service, row.container, row.status, row.registered])));
    if (registry.trouble) context.ui.warn(`The registry cannot be read: ${registry.trouble}`);
    return 0;
  },
};

/** Status in the registry by container name. */
async function registered(context: Context): Promise<{ statuses: Map<string, string>; trouble: string | null }> {
  try {
    const outputs = await allOutputs(await openStack(context));
    const { services } = await callEdge(edgeOf(outputs), "GET", "/services") as ServicesAnswer;
    const byHost = new Map(services.map((entry) => [entry.host, entry.status as string]));
    return {
      statuses: new Map([...outputs.servers, ...outputs.agents].map(({ container, host }) => [container, byHost.get(host) ?? "no"])),
      trouble: null,
    };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { statuses: new Map(), trouble: error.message };
  }
}
