import { z } from "zod";
import { redisKeys } from "../../../../../contract/redis-keys.ts";
import { Opportunity } from "../../../../../contract/trading.ts";
import { Unavailable } from "../../../../kit/errors.ts";
import { defineTool } from "../../../../kit/tool.ts";
import { asOf, asOfFields } from "../../../shared/market/as-of.ts";
import { askMarket } from "../../../shared/market/market-source.ts";
import type { Deps } from "../deps.ts";

export const listOpportunities = defineTool<Deps>()({
  name: "list_opportunities",
  title: "List published opportunities",
  description: "Lists the opportunities that the flash trader found and published, best net profit first, each with the block it was found at and how many blocks ago that is.",
  input: z.strictObject({ limit: z.int().min(1).max(100).default(20).describe("Opportunities in one answer.") }).meta({ examples: [{}] }),
  output: z.object({
    ...asOfFields,
    opportunities: z.array(Opportunity.extend({ blocksAgo: z.int().describe("0: found at the newest block; more than 2 is too old to be traded.") })),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  async handler({ limit }, { deps }) {
    const [head, members] = await Promise.all([
      askMarket(() => deps.reader.chain.latest()),
      deps.redis.zrevrange(redisKeys.opportunities, 0, limit - 1).catch((cause: unknown) => {
        throw new Unavailable("Redis does not answer: ask scan_market, which reads the chain.", { cause });
      }),
    ]);
    const opportunities = members.map((text) => Opportunity.parse(JSON.parse(text)));
    return { ...asOf(deps, head), opportunities: opportunities.map((one) => ({ ...one, blocksAgo: Math.max(0, head.number - one.blockNumber) })) };
  },
});
