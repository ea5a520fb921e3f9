import { z } from "zod";
import { optimalRoute } from "../../../../flashloan/routing/route.ts";
import { defineTool } from "../../../../kit/tool.ts";
import { asOf, asOfFields } from "../../../shared/market/as-of.ts";
import { latestMarket, reckon } from "../../../shared/market/market-source.ts";
import type { Deps } from "../deps.ts";

export const boundProfit = defineTool<Deps>()({
  name: "bound_profit",
  title: "Bound the profit",
  description: "What no trade over all pools together can beat, by convex routing: a second opinion to the search by cycles, before premium, gas and roundings. Not something to send.",
  input: z.strictObject({}),
  output: z.object({
    ...asOfFields,
    boundWei: z.number().describe("Nothing over these pools leaves more wei of the base token; a double."),
    valueWei: z.number().describe("What the flows found leave; a double."),
    converged: z.boolean(),
    iterations: z.int(),
    flows: z.array(z.object({ pool: z.string(), zeroForOne: z.boolean(), amountIn: z.number(), amountOut: z.number() })).describe("In smallest units; doubles."),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  async handler(_, { deps }) {
    const at = await latestMarket(deps);
    const route = reckon(() => optimalRoute(at.market, { worth: new Map([[deps.reader.base.address.toLowerCase(), 1]]) }));
    return {
      ...asOf(deps, at.head), boundWei: route.bound, valueWei: route.value, converged: route.converged, iterations: route.iterations,
      flows: route.flows.filter(({ amountIn }) => amountIn > 0).map(({ hop, amountIn, amountOut }) => ({
        pool: at.market.pools[hop >> 1]!.id, zeroForOne: (hop & 1) === 0, amountIn, amountOut,
      })),
    };
  },
});
