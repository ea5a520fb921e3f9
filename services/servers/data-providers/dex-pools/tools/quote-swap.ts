import { z } from "zod";
import { legLeastInput, legOutput, tokenIn as inOf, tokenOut as outOf, type Leg } from "../../../../flashloan/pools/leg.ts";
import { UserFault } from "../../../../kit/errors.ts";
import { defineTool } from "../../../../kit/tool.ts";
import { asOf, asOfFields, units } from "../../../shared/market/as-of.ts";
import { Address, Quantity } from "../../../shared/evm-schemas.ts";
import { latestMarket, poolAt, reckon, tokenOf } from "../../../shared/market/market-source.ts";
import { priceOf0In1, TokenView, tokenView } from "../../../shared/market/pool-view.ts";
import type { Deps } from "../deps.ts";

export const quoteSwap = defineTool<Deps>()({
  name: "quote_swap",
  title: "Quote a swap",
  description: "What a swap on one pool gives for an exact input, or the least input for an output: the integers of the contract at the newest block, across ticks.",
  input: z.strictObject({
    pool: Address.describe("Pool, as list_pools tells it."),
    tokenIn: z.string().describe("Token that goes in, by symbol or address."),
    amountIn: Quantity.optional().describe("Exact input in the token's smallest unit; give this or amountOut."),
    amountOut: Quantity.optional().describe("Output to be had at least, in the other token's smallest unit."),
  }),
  output: z.object({
    ...asOfFields,
    tokenIn: TokenView,
    tokenOut: TokenView,
    amountIn: units("What goes in"),
    amountOut: units("What comes out"),
    impactBps: z.number().describe("By how much the price paid is worse than the pool's price before the fee, in basis points, the fee included."),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  async handler({ pool: address, tokenIn, amountIn, amountOut }, { deps }) {
    if ((amountIn === undefined) === (amountOut === undefined)) throw new UserFault("Give amountIn or amountOut, and not both.");
    const token = tokenOf(deps, tokenIn).address.toLowerCase();
    const at = await latestMarket(deps);
    const pool = poolAt(at, address);
    if (pool.token0.address !== token && pool.token1.address !== token) throw new UserFault(`Pool ${address} does not trade ${tokenIn}: it has ${pool.token0.symbol} and ${pool.token1.symbol}.`);
    const leg: Leg = { pool, zeroForOne: pool.token0.address === token };
    const paid = amountIn ?? reckon(() => legLeastInput(leg, amountOut!));
    const got = paid === null ? 0n : reckon(() => legOutput(leg, paid));
    if (paid === null || got === 0n) throw new UserFault(`insufficient_liquidity: pool ${address} does not ${amountIn === undefined ? `give ${amountOut}` : `take ${amountIn}, or gives nothing for it`} at block ${at.head.number}.`);
    const [from, to] = [inOf(leg), outOf(leg)];
    const price = priceOf0In1(pool);
    const fair = (leg.zeroForOne ? price : 1 / price) * 10 ** (to.decimals - from.decimals);
    return {
      ...asOf(deps, at.head), tokenIn: tokenView(from), tokenOut: tokenView(to), amountIn: String(paid), amountOut: String(got),
      impactBps: Math.round((1 - Number(got) / (Number(paid) * fair)) * 1e6) / 100,
    };
  },
});
