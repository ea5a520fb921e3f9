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
  opportunities: "mcp:arbitrage:opportunities",
  poolStates: "mcp:flash_loan:pool_states",
} as const;

export const AGENT_STATUS_TTL_SECONDS = 30;
export const RESULT_CACHE_TTL_SECONDS = 24 * 3600;
