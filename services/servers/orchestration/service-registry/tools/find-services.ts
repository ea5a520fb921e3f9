import { z } from "zod";
import { defineTool } from "../../../../kit/tool.ts";
import type { Deps } from "../deps.ts";
import { nameOf, writeCursor } from "../registry.ts";
import { ServiceView, STATUSES, viewOf } from "../service-view.ts";

export const findServices = defineTool<Deps>()({
  name: "find_services",
  title: "Find services",
  description: "Lists the servers and agents that are registered now, by capability, kind, category, name or status. A crashed service leaves the registry within 20 seconds.",
  input: z.strictObject({
    capability: z.string().max(100).optional().describe("Tool of a server or action of an agent, by its exact name."),
    kind: z.enum(["server", "agent"]).optional().describe("Only MCP servers or only task agents."),
    category: z.string().max(64).optional().describe("Category of servers, as in blockchain."),
    name: z.string().max(64).optional().describe("Catalogue name of a server or type of an agent."),
    status: z.enum(STATUSES).optional().describe("Status as the service gives it."),
  }),
  output: z.object({
    services: z.array(ServiceView).describe("Matches in order of their keys."),
    registered: z.int().describe("Services registered in all."),
    cursor: z.string().describe("Give it to watch_changes to learn what changes from here on."),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  async handler({ capability, kind, category, name, status }, { deps }) {
    const { entries, revision } = await deps.registry.now();
    const matches = entries.filter((entry) =>
      (capability === undefined || entry.capabilities.includes(capability))
      && (kind === undefined || entry.kind === kind)
      && (category === undefined || (entry.kind === "server" && entry.category === category))
      && (name === undefined || nameOf(entry) === name)
      && (status === undefined || entry.status === status));
    return { services: matches.map(viewOf), registered: entries.length, cursor: writeCursor(revision) };
  },
});
