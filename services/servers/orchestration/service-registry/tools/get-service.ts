import { z } from "zod";
import { UserFault } from "../../../../kit/errors.ts";
import { defineTool } from "../../../../kit/tool.ts";
import type { Deps } from "../deps.ts";
import { instanceOf, nameOf } from "../registry.ts";
import { ServiceView, viewOf } from "../service-view.ts";

export const getService = defineTool<Deps>()({
  name: "get_service",
  title: "Look up a service",
  description: "Gives every instance of one service, by its name (task-router, code-indexer), by one instance (code-indexer-1), or by its host or etcd key.",
  input: z.strictObject({
    service: z.string().min(1).max(200).describe("Catalogue name, agent type, instance id, host, or etcd key."),
  }),
  output: z.object({
    instances: z.array(ServiceView).describe("Registered instances, at least one."),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  async handler({ service }, { deps }) {
    const { entries } = await deps.registry.now();
    const matches = entries.filter((entry) =>
      [entry.key, entry.host, nameOf(entry), `${nameOf(entry)}-${instanceOf(entry)}`].includes(service));
    if (matches.length === 0) {
      const names = [...new Set(entries.map(nameOf))].sort();
      throw new UserFault(`No service "${service}" is registered now. Registered: ${names.join(", ") || "none"}. A service that just crashed or has not started yet is missing here.`);
    }
    return { instances: matches.map(viewOf) };
  },
});
