/** Shape of the catalogue: `configs/servers/<category>.yaml` and `configs/agents/<type>.yaml`. */
import { z } from "zod";
import { Grant } from "./access.ts";
import { SERVER_CATEGORIES, type ServerCategory } from "./services.ts";
import { TaskPolicy } from "./tasks.ts";

const Name = z.string().regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, "lower case words joined by hyphens");

export const Resources = z.strictObject({
  memoryMiB: z.coerce.number().int().min(16).max(65_536).default(160),
  /** Cores, as in `1.5`. */
  cpus: z.coerce.number().min(0.1).max(64).default(1),
});

/** What a service of ours may say about itself; everything has a default that is safe. */
const Common = {
  description: z.string().min(10),
  enabled: z.boolean().default(true),
  replicas: z.coerce.number().int().min(1).max(64).default(1),
  resources: Resources.prefault({}),
  /** Hosts it cannot work without, beside the hub. */
  needs: z.array(z.string()).default([]),
  env: z.record(z.string().regex(/^[A-Z][A-Z0-9_]*$/), z.string()).default({}),
  /** npm packages shipped beside the bundle instead of in it. */
  externalPackages: z.array(z.string()).default([]),
  /** Mounts the stack's workspace read-only at /workspace. */
  workspace: z.boolean().default(false),
  /** Named volumes: volume name → path. The image must own the path. */
  volumes: z.record(Name, z.string().startsWith("/")).default({}),
  stopGraceSeconds: z.coerce.number().int().min(1).max(600).default(15),
  /** Rights beyond those every service of its kind has. */
  access: Grant.omit({ identity: true }).prefault({}),
};

export const ServerEntry = z.strictObject({
  ...Common,
  port: z.coerce.number().int(),
  /** Gets the address book of the local chain's market, and is deployed only where there is one. */
  market: z.boolean().default(false),
  /** Identities, beside the hub's, that its own token opens. */
  calls: z.array(z.string()).default([]),
  /** Its tools, by name; a test holds this list against the code. */
  capabilities: z.array(z.string().regex(/^[a-z][a-z0-9_]*$/)).min(1),
});
export type ServerEntry = z.output<typeof ServerEntry>;

export const ServerCatalogFile = z.strictObject({
  category: z.enum(Object.keys(SERVER_CATEGORIES) as [ServerCategory, ...ServerCategory[]]),
  servers: z.record(Name, ServerEntry),
});

export const AgentEntry = z.strictObject({
  ...Common,
  type: Name,
  /** `[first, last]`; a shipped type has its range from the contract and leaves this out. */
  ports: z.tuple([z.coerce.number().int(), z.coerce.number().int()]).optional(),
  /** Its actions, by name, beside `echo`. */
  capabilities: z.array(z.string().regex(/^[a-z][a-z0-9_]*$/)).min(1),
  /** Deliveries an instance holds at once: its prefetch. */
  concurrency: z.coerce.number().int().min(1).max(256).default(4),
  policy: TaskPolicy.prefault({}),
});
export type AgentEntry = z.output<typeof AgentEntry>;

export interface Catalog {
  servers: Record<string, ServerEntry & { category: ServerCategory }>;
  agents: Record<string, AgentEntry>;
}
