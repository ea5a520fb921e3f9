import { z } from "zod";
import { redisKeys } from "../../../../../contract/redis-keys.ts";
import { PoolState } from "../../../../../contract/trading.ts";
import { Unavailable } from "../../../../kit/errors.ts";
import { defineTool } from "../../../../kit/tool.ts";
import { asOf, asOfFields } from "../../../shared/market/as-of.ts";
import { Address } from "../../../shared/evm-schemas.ts";
import { askMarket } from "../../../shared/market/market-source.ts";
import type { Deps } from "../deps.ts";

export const getPoolFeed = defineTool<Deps>()({
  name: "get_pool_feed",
  title: "Read the pool-state feed",
  description: "Reads the states that the flash trader publishes block by block, without asking the chain about pools: cheaper, and each says which block it was last touched at.",
  input: z.strictObject({ pools: z.array(Address).max(500).default([]).describe("Only these; all when empty.") }).meta({ examples: [{}] }),
  output: z.object({
    ...asOfFields,
    states: z.array(PoolState),
    silent: z.boolean().describe("true: nothing is published, so the trader is away or its market was flushed; ask get_pool instead."),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  async handler({ pools }, { deps }) {
    const wanted = new Set<string>(pools.map((address) => address.toLowerCase()));
    const [head, published] = await Promise.all([askMarket(() => deps.reader.chain.latest()), deps.redis.hgetall(redisKeys.poolStates).catch((cause: unknown) => {
      throw new Unavailable("Redis does not answer: ask get_pool, which reads the chain.", { cause });
    })]);
    const states = Object.entries(published).filter(([address]) => wanted.size === 0 || wanted.has(address))
      .map(([, text]) => PoolState.parse(JSON.parse(text))).sort((a, b) => a.address.localeCompare(b.address));
    return { ...asOf(deps, head), states, silent: Object.keys(published).length === 0 };
  },
});
