/** Keys in Redis. Everything there can be rebuilt: a flush loses speed, never data. */
export const redisKeys = {
  /** Hash; expires `AGENT_STATUS_TTL_SECONDS` after the last heartbeat. */
  agentStatus: (agentId: string): string => `mcp:agents:status:${agentId}`,
  /** Sorted set of task ids by priority, then age. */
  tasksPending: "mcp:tasks:pending",
  /** Hash: agent, attempt, progress, since. */
  taskActive: (taskId: string): string => `mcp:tasks:active:${taskId}`,
  /** JSON; expires after `RESULT_CACHE_TTL_SECONDS`. */
  resultCache: (taskId: string): string => `mcp:results:cache:${taskId}`,
  /** Sorted set by net profit, in wei, of what the newest block offers; members are {@link Opportunity} of contract/trading.ts. */
  opportunities: "mcp:arbitrage:opportunities",
  /** Hash by the pool's address, lower case; values are {@link PoolState} of contract/trading.ts. */
  poolStates: "mcp:flash_loan:pool_states",
} as const;

/** Both of the market's keys vanish so long after the last block that was looked at. */
export const MARKET_TTL_SECONDS = 60;
export const AGENT_STATUS_TTL_SECONDS = 30;
export const RESULT_CACHE_TTL_SECONDS = 24 * 3600;
