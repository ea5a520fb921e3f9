import { z } from "zod";
import { defineTool } from "../../../../kit/tool.ts";
import { asOf, asOfFields, units } from "../../../shared/market/as-of.ts";
import { Address } from "../../../shared/evm-schemas.ts";
import { latestMarket, poolAt } from "../../../shared/market/market-source.ts";
import { poolView, PoolView } from "../../../shared/market/pool-view.ts";
import type { Deps } from "../deps.ts";

export const getPool = defineTool<Deps>()({
  name: "get_pool",
  title: "Read a pool",
  description: "Reads the whole state of one pool at the newest block: reserves of a V2 pair; price, tick and liquidity of a V3 pool.",
  input: z.strictObject({ pool: Address.describe("Pool, as list_pools tells it.") }),
  output: z.object({
    ...asOfFields,
    ...PoolView.shape,
    pair: z.object({ reserve0: units("Reserve of token 0"), reserve1: units("Reserve of token 1") }).nullable().describe("null for a V3 pool."),
    range: z.object({
      sqrtPriceX96: z.string().describe("√(token 1 / token 0) in smallest units, Q64.96, decimal string."),
      tick: z.int(),
      liquidity: z.string().describe("In range, decimal string."),
      tickSpacing: z.int(),
      initialisedTicks: z.int().describe("How many; list_ticks has them."),
    }).nullable().describe("null for a V2 pair."),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  async handler({ pool: address }, { deps }) {
    const at = await latestMarket(deps);
    const pool = poolAt(at, address);
    return {
      ...asOf(deps, at.head),
      ...poolView(deps.reader.book, pool),
      pair: pool.kind === "v2" ? { reserve0: String(pool.reserve0), reserve1: String(pool.reserve1) } : null,
      range: pool.kind === "v2" ? null : {
        sqrtPriceX96: String(pool.sqrtPriceX96), tick: pool.tick, liquidity: String(pool.liquidity), tickSpacing: pool.tickSpacing,
        initialisedTicks: pool.ticks.index.length,
      },
    };
  },
});
