/**
 * Environment of the services in the containers. Any variable `X` may be given as `X_FILE`, a path to read it from, or
 * in the file that `MCP_SECRETS_FILE` names (secrets-file.ts); whatever holds a password is given only as a file.
 */
import { z } from "zod";

const url = (...schemes: string[]) =>
  z.string().regex(new RegExp(`^(${schemes.join("|")})://`), `a URL starting with ${schemes.map((s) => `${s}://`).join(" or ")}`);

/** What every service of ours reads. */
export const ServiceEnvironment = z.object({
  SERVICE_NAME: z.string().describe("Catalogue name: log field, metric label and tool prefix."),
  SERVICE_HOST: z.string().describe("Host name on the network, as registered in etcd."),
  SERVICE_PORT: z.coerce.number().int().describe("Port of /mcp, /healthz, /readyz and /metrics."),
  STOP_GRACE_SECONDS: z.coerce.number().int().min(1).default(15).describe("Time between SIGTERM and SIGKILL; work not done by then is handed back."),
  LOG_LEVEL: z.enum(["debug", "info", "warn", "error"]).default("info"),
  MCP_COORDINATOR_URL: url("http", "https").default("http://mcp-coordinator:3000").describe("The hub."),
  MCP_ACCESS_URL: url("http", "https").default("http://access:3002").describe("The access service, which applies grants."),
  MCP_RABBITMQ_URL: url("amqp", "amqps").optional().describe("Secret."),
  MCP_REDIS_URL: url("redis", "rediss").optional().describe("Secret."),
  MCP_ETCD_URL: url("http", "https").optional().describe("Secret."),
  MCP_POSTGRES_URL: url("postgres", "postgresql").optional().describe("Secret."),
  MCP_RPC_URL: url("http", "https", "ws", "wss").optional().describe("EVM JSON-RPC endpoint; http://devnet:8545 in dev and test."),
  MCP_DEVNET_CHAIN_ID: z.coerce.number().int().optional()
    .describe("Chain id of the local chain; absent where MCP_RPC_URL is anybody else's. Without it nothing is ever sent to a chain."),
  MCP_TOKEN_PUBLIC_KEY: z.string().describe("Ed25519 public key that tokens are checked with, base64url of 32 bytes. Not secret."),
  MCP_SERVICE_TOKEN: z.string().optional().describe("Secret: the token this service shows to others."),
  MCP_ACCESS_GRANT: z.string().optional().describe("Secret: the signed grant."),
  NODE_OPTIONS: z.string().optional().describe("Read by Node itself, in place of what the base image says."),
});

/** What servers read beside it. */
export const ServerEnvironment = ServiceEnvironment.extend({
  SERVER_CATEGORY: z.string(),
  SERVER_REPLICA: z.coerce.number().int().default(1),
});

/** What agents read beside it. Underscores in the first four values, as in queue names. */
export const AgentEnvironment = ServiceEnvironment.extend({
  AGENT_TYPE: z.string().describe("`code_indexer`"),
  AGENT_ID: z.coerce.number().int().describe("`1`: the instance's number."),
  AGENT_RABBITMQ_QUEUE: z.string().describe("`tasks.code_indexer`"),
  AGENT_REDIS_NAMESPACE: z.string().describe("`mcp:agents:code_indexer:1`"),
  AGENT_CONCURRENCY: z.coerce.number().int().min(1).default(4).describe("Prefetch: deliveries held at once."),
  AGENT_POLICY: z.string().default("{}").describe("JSON of the type's task policy."),
});

/** What the hub reads beside it. */
export const HubEnvironment = ServiceEnvironment.extend({
  HUB_REPLICAS: z.coerce.number().int().min(1).default(1).describe("Hubs of this stack: more than one tell each other what happens."),
  HUB_GATEWAY_TIMEOUT_MS: z.coerce.number().int().min(100).default(60_000).describe("Limit of one tool call through the hub's MCP endpoint."),
  HUB_GATEWAY_RESPONSE_BYTES: z.coerce.number().int().min(1_024).default(4 * 1024 * 1024).describe("Largest answer of a server that is passed on, and largest event of a stream."),
  HUB_GATEWAY_CALLS_PER_MINUTE: z.coerce.number().int().min(1).default(60_000).describe("Calls a minute of a token that names no limit of its own; all hubs together."),
  HUB_GATEWAY_LONG_CALLS: z.coerce.number().int().min(1).default(100).describe("Long calls of one caller under way; all hubs together."),
  HUB_OUTSIDE_HOSTS: z.string().default("").describe("Host names, joined by commas, under which the stack is reached from outside; any when empty."),
  MCP_DELEGATION_KEY: z.string().optional().describe("Secret: Ed25519 seed, base64url of 32 bytes, that the hub signs callers' identities with."),
  MCP_DELEGATION_CERTIFICATE: z.string().optional().describe("Secret: the deployment's word that this key may; a JWT. Given with the key or not at all."),
});

/** What the access service reads beside it; its four store URLs are those of `ACCESS_ADMIN`. */
export const AccessEnvironment = ServiceEnvironment.extend({
  MCP_RABBITMQ_MANAGEMENT_URL: url("http", "https").describe("Secret: the broker's management API."),
  MCP_PASSWORD_KEY: z.string().describe("Secret: key that passwords are derived from."),
});

/** Where secrets lie in a container. */
export const SECRETS_DIR = "/run/secrets";
/** Where rendered configuration lies in a container. */
export const CONFIG_DIR = "/etc/mcp";
