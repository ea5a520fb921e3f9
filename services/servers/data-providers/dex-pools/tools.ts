/** What this server offers. */
import { getPool } from "./tools/get-pool.ts";
import { getPoolFeed } from "./tools/get-pool-feed.ts";
import { listPools } from "./tools/list-pools.ts";
import { listTicks } from "./tools/list-ticks.ts";
import { listTokens } from "./tools/list-tokens.ts";
import { quoteSwap } from "./tools/quote-swap.ts";

export const tools = [getPool, getPoolFeed, listPools, listTicks, listTokens, quoteSwap];
