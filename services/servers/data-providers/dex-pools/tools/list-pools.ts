import { z } from "zod";
import { defineTool } from "../../../../kit/tool.ts";
import { asOf, asOfFields } from "../../../shared/market/as-of.ts";
import { latestMarket, tokenOf } from "../../../shared/market/market-source.ts";
import { poolView, PoolView } from "../../../shared/market/pool-view.ts";
import type { Deps } from "../deps.ts";

export const listPools = defineTool<Deps>()({
  name: "list_pools",
  title: "List pools",
  description: "Lists the pools of this market with tokens, fee and price at the newest block; by kind, and by one or both of their tokens.",
  input: z.strictObject({
    token: z.string().optional().describe("Only pools of this token, by symbol or address."),
    otherToken: z.string().optional().describe("Only pools whose other token is this one."),
    kind: z.enum(["uniswap-v2", "uniswap-v3"]).optional().describe("Only pools of this kind."),
    limit: z.int().min(1).max(500).default(100).describe("Pools in one answer."),
  }).meta({ examples: [{}, { token: "WETH", kind: "uniswap-v3" }] }),
  output: z.object({
    ...asOfFields,
    total: z.int().describe("Pools that fit, also those beyond the limit."),
    pools: z.array(PoolView),
    leftOut: z.array(z.object({ pool: z.string(), reason: z.string() })).describe("Pools of the market whose state is impossible, so nothing is reckoned with them."),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  async handler({ token, otherToken, kind, limit }, { deps }) {
    const wanted = [token, otherToken].flatMap((word) => (word === undefined ? [] : [tokenOf(deps, word).address.toLowerCase()]));
    const at = await latestMarket(deps);
    const out = new Set(at.refused.map(({ pool }) => pool.toLowerCase()));
    const fitting = at.market.pools.filter(({ id }) => !out.has(id)).map((pool) => poolView(deps.reader.book, pool))
      .filter((view) => (kind === undefined || view.kind === kind) && wanted.every((address) => view.token0.address === address || view.token1.address === address));
    return { ...asOf(deps, at.head), total: fitting.length, pools: fitting.slice(0, limit), leftOut: at.refused };
  },
});
