import { z } from "zod";
import { MAX_TICK, MIN_TICK } from "../../../../flashloan/amm/tick-math.ts";
import { UserFault } from "../../../../kit/errors.ts";
import { defineTool } from "../../../../kit/tool.ts";
import { asOf, asOfFields } from "../../../shared/market/as-of.ts";
import { Address } from "../../../shared/evm-schemas.ts";
import { latestMarket, poolAt } from "../../../shared/market/market-source.ts";
import type { Deps } from "../deps.ts";

export const listTicks = defineTool<Deps>()({
  name: "list_ticks",
  title: "List a pool's ticks",
  description: "Lists the initialised ticks of a V3 pool, ascending, with what crossing each does to the liquidity.",
  input: z.strictObject({
    pool: Address.describe("A V3 pool."),
    fromTick: z.int().min(MIN_TICK).max(MAX_TICK).default(MIN_TICK).describe("First tick."),
    toTick: z.int().min(MIN_TICK).max(MAX_TICK).default(MAX_TICK).describe("Last tick, included."),
    limit: z.int().min(1).max(1_000).default(200).describe("Ticks in one answer."),
  }),
  output: z.object({
    ...asOfFields,
    currentTick: z.int(),
    liquidity: z.string().describe("In range at the current tick, decimal string."),
    total: z.int().describe("Ticks from fromTick to toTick, also those beyond the limit."),
    ticks: z.array(z.object({
      tick: z.int(),
      sqrtPriceX96: z.string().describe("Price at the tick, Q64.96, decimal string."),
      liquidityNet: z.string().describe("Added to the liquidity when the price crosses upwards, taken off downwards; decimal string."),
    })),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  async handler({ pool: address, fromTick, toTick, limit }, { deps }) {
    const at = await latestMarket(deps);
    const pool = poolAt(at, address);
    if (pool.kind === "v2") throw new UserFault(`Pool ${address} is a V2 pair, which has no ticks: get_pool has its reserves.`);
    const { index, sqrtRatioX96, liquidityNet } = pool.ticks;
    const fitting = [...index.entries()].filter(([, tick]) => tick >= fromTick && tick <= toTick);
    return {
      ...asOf(deps, at.head),
      currentTick: pool.tick,
      liquidity: String(pool.liquidity),
      total: fitting.length,
      ticks: fitting.slice(0, limit).map(([place, tick]) => ({ tick, sqrtPriceX96: String(sqrtRatioX96[place]), liquidityNet: String(liquidityNet[place]) })),
    };
  },
});
