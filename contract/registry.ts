/** Service discovery: keys and values in etcd. */
import { z } from "zod";
import type { ServerCategory } from "./services.ts";

export const REGISTRY_PREFIX = "/services/mcp/";
export const SERVERS_PREFIX = "/services/mcp/servers/";
export const AGENTS_PREFIX = "/services/mcp/agents/";
/** Seconds: a crashed service disappears this long after its last keep-alive. */
export const LEASE_SECONDS = 15;

export const serverKey = (category: ServerCategory, server: string, replica: number): string =>
  `${SERVERS_PREFIX}${category}/${server}-${replica}`;
export const agentKey = (type: string, n: number): string => `${AGENTS_PREFIX}${type}/agent-${n}`;

export const SERVER_STATUSES = ["healthy", "degraded", "draining"] as const;
export const AGENT_STATUSES = ["active", "idle", "draining"] as const;

export const Registration = z.object({
  host: z.string(),
  port: z.number().int(),
  status: z.enum([...SERVER_STATUSES, ...AGENT_STATUSES]),
  /** Tool names of a server, action names of an agent. */
  capabilities: z.array(z.string()),
  current_task: z.string().nullable(),
  version: z.string(),
  started_at: z.iso.datetime(),
});
export type Registration = z.output<typeof Registration>;

export interface ServerRef { kind: "server"; category: ServerCategory; server: string; replica: number }
export interface AgentRef { kind: "agent"; type: string; n: number }

/** Reads a registry key back; null for a key that is not one of ours. */
export function parseKey(key: string): ServerRef | AgentRef | null {
  const server = /^\/services\/mcp\/servers\/([^/]+)\/(.+)-(\d+)$/.exec(key);
  if (server) return { kind: "server", category: server[1] as ServerCategory, server: server[2]!, replica: Number(server[3]) };
  const agent = /^\/services\/mcp\/agents\/([^/]+)\/agent-(\d+)$/.exec(key);
  if (agent) return { kind: "agent", type: agent[1]!, n: Number(agent[2]) };
  return null;
}

/** An entry of `GET /api/v1/services`. */
export type ServiceEntry = (ServerRef | AgentRef) & { key: string } & Registration;

/** Answer of `GET /api/v1/services`. */
export interface ServicesAnswer { services: ServiceEntry[] }
