import { z } from "zod";
import { defineTool } from "../../../../kit/tool.ts";
import { asOf, asOfFields } from "../../../shared/market/as-of.ts";
import { latestMarket } from "../../../shared/market/market-source.ts";
import type { Deps } from "../deps.ts";

export const countCycles = defineTool<Deps>()({
  name: "count_cycles",
  title: "Count cycles",
  description: "Says how many cycles through the base token there are, by their number of swaps, and which pools lie on most of them.",
  input: z.strictObject({ busiest: z.int().min(0).max(100).default(5).describe("Pools to name, busiest first.") }).meta({ examples: [{}] }),
  output: z.object({
    ...asOfFields,
    pools: z.int(),
    tokens: z.int(),
    total: z.int(),
    bySwaps: z.array(z.object({ swaps: z.int(), cycles: z.int() })),
    busiest: z.array(z.object({ pool: z.string(), cycles: z.int().describe("Cycles that are solved again when this pool is touched.") })),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  async handler({ busiest }, { deps }) {
    const at = await latestMarket(deps);
    const { count, start, poolStart } = deps.reader.searchOf(at).cycles;
    const lengths = Map.groupBy(Array.from({ length: count }, (_, cycle) => start[cycle + 1]! - start[cycle]!), (length) => length);
    const uses = at.market.pools.map(({ id }, place) => ({ pool: id, cycles: poolStart[place + 1]! - poolStart[place]! }));
    return {
      ...asOf(deps, at.head), pools: at.market.pools.length, tokens: at.market.tokens.length, total: count,
      bySwaps: [...lengths].map(([swaps, cycles]) => ({ swaps, cycles: cycles.length })).toSorted((a, b) => a.swaps - b.swaps),
      busiest: uses.toSorted((a, b) => b.cycles - a.cycles).slice(0, busiest),
    };
  },
});
