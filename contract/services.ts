/** Names, categories and ports of everything that listens inside the network. */

/** First port of each category of MCP servers; a category owns the ten ports from there. */
export const SERVER_CATEGORIES = {
  orchestration: 8000,
  blockchain: 8010,
  "data-providers": 8020,
  "ai-integration": 8030,
  "market-analysis": 8040,
  execution: 8050,
  "risk-management": 8060,
  ui: 8070,
  utils: 8080,
} as const;
export type ServerCategory = keyof typeof SERVER_CATEGORIES;

/** Ports a category owns, counted from its first. */
export const PORTS_PER_CATEGORY = 10;

/** Ports of the servers that ship now or later: `./mcp new` gives them to nobody else. */
export const SERVER_PORTS = {
  "task-router": 8000,
  "service-registry": 8001,
  "workflow-engine": 8002,
  "evm-node": 8010,
  "contract-workbench": 8011,
  "flash-loan-pools": 8012,
  "tx-inspector": 8013,
  "dex-pools": 8020,
  "price-oracle": 8021,
  "gas-tracker": 8022,
  "market-history": 8023,
  "llm-gateway": 8030,
  "code-search": 8031,
  "arbitrage-scanner": 8040,
  "liquidity-analyzer": 8041,
  "flash-loan-executor": 8050,
  "tx-simulator": 8051,
  "risk-guard": 8060,
  "exposure-ledger": 8061,
  dashboard: 8070,
  toolbox: 8080,
} as const satisfies Record<string, number>;

/** Port range `[first, last]` of the agent types that ship. A range is also the limit of replicas. */
export const AGENT_PORTS = {
  "code-indexer": [3101, 3120],
  builder: [3121, 3135],
  executor: [3136, 3150],
  coordinator: [3151, 3160],
  "test-writer": [3161, 3180],
  planner: [3181, 3200],
  fixer: [3201, 3220],
  "ui-coder": [3221, 3240],
  reviewer: [3241, 3260],
  admin: [3261, 3301],
} as const satisfies Record<string, readonly [number, number]>;

/** Types whose queues exist from the broker's first start, whatever is deployed. */
export const SHIPPED_AGENT_TYPES = Object.keys(AGENT_PORTS) as (keyof typeof AGENT_PORTS)[];

/** First port that `./mcp new agent` may give away. */
export const FIRST_CUSTOM_AGENT_PORT = 3302;

/** Host and port of the services every stack has. */
export const INFRASTRUCTURE = {
  rabbitmq: { host: "rabbitmq", port: 5672, managementPort: 15672, metricsPort: 15692 },
  redis: { host: "redis", port: 6379 },
  etcd: { host: "etcd", port: 2379, metricsPort: 2381 },
  postgres: { host: "postgres", port: 5432, database: "mcp" },
  devnet: { host: "devnet", port: 8545 },
  trader: { host: "devnet-trader", port: 3003 },
  flashTrader: { host: "flash-trader", port: 3004 },
  upstream: { host: "devnet-upstream", port: 3005 },
  access: { host: "access", port: 3002 },
  hub: { host: "mcp-coordinator", port: 3000 },
  edge: { host: "nginx", port: 80 },
} as const;

/** `code-indexer` → `code_indexer`: the form used in queue names and the four `AGENT_*` variables. */
export function underscored(type: string): string {
  return type.replaceAll("-", "_");
}

/** `code_indexer` → `code-indexer`. */
export function hyphenated(queueType: string): string {
  return queueType.replaceAll("_", "-");
}

/** Host of a server replica, `mcp-<category>-<n>` with n counted from the category's first port. */
export function serverHost(category: ServerCategory, port: number, replica = 1): string {
  const base = `mcp-${category}-${port - SERVER_CATEGORIES[category] + 1}`;
  return replica === 1 ? base : `${base}-r${replica}`;
}

/** Host of an agent instance, `mcp-<type>-<n>`, n from 1. */
export function agentHost(type: string, n: number): string {
  return `mcp-${type}-${n}`;
}

/** Id of an agent instance, `<type>-<n>`: its identity in logs, results and its control queue. */
export function agentId(type: string, n: number): string {
  return `${type}-${n}`;
}
