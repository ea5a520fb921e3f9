import { z } from "zod";
import { defineTool } from "../../../../kit/tool.ts";
import type { Deps } from "../deps.ts";
import { nameOf } from "../registry.ts";

export const listCapabilities = defineTool<Deps>()({
  name: "list_capabilities",
  title: "List capabilities",
  description: "Says what the fleet can do now: every tool and action with the services that have it and how many instances of each are up.",
  input: z.strictObject({
    kind: z.enum(["server", "agent"]).optional().describe("Only tools of servers, or only actions of agents."),
    contains: z.string().max(100).optional().describe("Only capabilities with this text in their name, in any case."),
  }).meta({ examples: [{ kind: "server" }] }),
  output: z.object({
    capabilities: z.array(z.object({
      capability: z.string().describe("Tool or action."),
      kind: z.enum(["server", "agent"]).describe("server: call it by MCP. agent: submit a task with task-router."),
      providers: z.array(z.object({
        service: z.string().describe("Catalogue name or agent type."),
        instances: z.int().describe("Registered instances that have it."),
      })).describe("Services that have it."),
    })).describe("In order of name."),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  async handler({ kind, contains }, { deps }) {
    const { entries } = await deps.registry.now();
    const found = new Map<string, { capability: string; kind: "server" | "agent"; providers: Map<string, number> }>();
    for (const entry of entries.filter((candidate) => kind === undefined || candidate.kind === kind)) {
      for (const capability of entry.capabilities) {
        if (contains !== undefined && !capability.toLowerCase().includes(contains.toLowerCase())) continue;
        const id = `${capability} ${entry.kind}`;
        const known = found.get(id) ?? { capability, kind: entry.kind, providers: new Map<string, number>() };
        known.providers.set(nameOf(entry), (known.providers.get(nameOf(entry)) ?? 0) + 1);
        found.set(id, known);
      }
    }
    return {
      capabilities: [...found.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, { providers, ...rest }]) => ({
        ...rest, providers: [...providers].sort(([a], [b]) => (a < b ? -1 : 1)).map(([service, instances]) => ({ service, instances })),
      })),
    };
  },
});
