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
  MCP_MARKET_FILE: z.string().default("/etc/mcp/market.json").describe("The market's address book (contract/market.ts), for servers that read the market."),
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

/** What the trader on the local chain reads beside it. */
export const TraderEnvironment = ServiceEnvironment.extend({
  TRADER_MARKET_FILE: z.string().default("/etc/mcp/market.json").describe("The market's address book (contract/market.ts)."),
  TRADER_SEED: z.string().min(1).default("devnet").describe("Same seed, same chain: same transactions."),
  TRADER_PAUSE_MS: z.coerce.number().int().min(20).max(60_000).default(500)
    .describe("Shortest time between two rounds: where every transaction makes a block of its own, it sets the pace."),
});

/** What the way from a fork to its chain reads beside it. */
export const UpstreamEnvironment = ServiceEnvironment.extend({
  UPSTREAM_RPC_URL: url("http", "https", "ws", "wss").describe("Secret: the endpoint of the chain that the local one is a fork of."),
});

const wei = (fallback: bigint, what: string) => z.coerce.bigint().min(0n).default(fallback).describe(what);
const count = (min: number, max: number, fallback: number, what: string) => z.coerce.number().int().min(min).max(max).default(fallback).describe(what);
const ETHER = 10n ** 18n;

/** What the flash trader reads beside it. Profit and limits are in wei of the base token, the wrapped native one. */
export const FlashTraderEnvironment = ServiceEnvironment.extend({
  TRADING_MARKET_FILE: z.string().default("/etc/mcp/market.json").describe("The market's address book (contract/market.ts)."),
  TRADING_KEY: z.string().optional().describe("Secret: key of the account that owns the executor, 64 hexadecimal digits."),
  TRADING_MODE: z.enum(["dry-run", "live"]).default("dry-run").describe("live trades only where TRADING_LIVE_CHAIN_ID is the chain that answers."),
  TRADING_LIVE_CHAIN_ID: z.coerce.number().int().positive().optional().describe("The one chain that live trades are for."),
  TRADING_STOP_FILE: z.string().default("/tmp/stop-trading").describe("A file whose presence sets the kill switch, beside the key in etcd."),
  TRADING_TIP_WEI: wei(2n * 10n ** 9n, "Priority fee a unit of gas."),
  TRADING_LEAST_NET_PROFIT_WEI: wei(ETHER / 1_000n, "Net profit, at least."),
  TRADING_LEAST_GAS_MULTIPLE: z.coerce.number().min(1).max(1_000).default(1.5).describe("Profit before gas over gas, at least."),
  TRADING_MOST_AMOUNT_WEI: wei(1_000n * ETHER, "Loan, at most."),
  TRADING_MOST_RESERVE_SHARE_PPM: count(1, 1_000_000, 300_000, "Share of a pair's reserve that a leg may take in, in millionths."),
  TRADING_MOST_GAS: wei(3_000_000n, "Gas of one trade, at most."),
  TRADING_HOURLY_GAS_WEI: wei(ETHER, "Gas paid in an hour, at most."),
  TRADING_HOURLY_LOSS_WEI: wei(ETHER / 10n, "Losses of an hour, gains not counted, stay below it."),
  TRADING_HOURLY_REVERTS: count(0, 1_000, 5, "Reverts of an hour stay below it; 0 trades nothing."),
  TRADING_MOST_HEAD_AGE_MS: count(100, 600_000, 10_000, "Age of the newest block beyond which nothing is traded."),
  TRADING_CONFIRMATIONS: count(1, 256, 3, "Blocks, a trade's own included, before its outcome is final."),
  TRADING_POLL_MS: count(20, 60_000, 250, "How often the head is asked for while none is pushed."),
});

/** Where secrets lie in a container. */
export const SECRETS_DIR = "/run/secrets";
/** Where rendered configuration lies in a container. */
export const CONFIG_DIR = "/etc/mcp";
