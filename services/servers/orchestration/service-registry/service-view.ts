/** A service as every tool of this server shows it. */
import { z } from "zod";
import { AGENT_STATUSES, SERVER_STATUSES, type ServiceEntry } from "../../../../contract/registry.ts";
import { instanceOf, nameOf } from "./registry.ts";

export const STATUSES = [...SERVER_STATUSES, ...AGENT_STATUSES] as const;

export const ServiceView = z.object({
  kind: z.enum(["server", "agent"]).describe("MCP server or task agent."),
  name: z.string().describe("Catalogue name of a server, type of an agent."),
  instance: z.int().describe("Replica of a server, number of an agent; from 1."),
  category: z.string().nullable().describe("Category of a server; null for an agent."),
  status: z.enum(STATUSES).describe("As the service says: healthy, degraded or draining for servers; active, idle or draining for agents."),
  url: z.string().describe("Base URL inside the network; a server's MCP endpoint is /mcp below it."),
  capabilities: z.array(z.string()).describe("Tools of a server, actions of an agent."),
  currentTask: z.string().nullable().describe("Task an agent works on."),
  version: z.string().describe("Release it runs."),
  startedAt: z.string().describe("When its process started, ISO 8601."),
  key: z.string().describe("Its key in etcd."),
});

export function viewOf(entry: ServiceEntry): z.output<typeof ServiceView> {
  return {
    kind: entry.kind,
    name: nameOf(entry),
    instance: instanceOf(entry),
    category: entry.kind === "server" ? entry.category : null,
    status: entry.status,
    url: `http://${entry.host}:${entry.port}`,
    capabilities: entry.capabilities,
    currentTask: entry.current_task,
    version: entry.version,
    startedAt: entry.started_at,
    key: entry.key,
  };
}
