/** A cycle as a caller gives it, by its pools in order, and as it is shown. */
import { z } from "zod";
import { legOutput, tokenIn, tokenOut, type Leg } from "../../../flashloan/pools/leg.ts";
import { UserFault } from "../../../kit/errors.ts";
import type { MarketAtBlock } from "../../../market/market-reader.ts";
import { Address } from "../evm-schemas.ts";
import { poolAt } from "./market-source.ts";
import { TokenView, tokenView } from "./pool-view.ts";

export const CyclePools = z.array(Address).min(2).max(4).describe("Pools in the order of the swaps, two to four; the first takes the base token, the last gives it back.");

export const LegView = z.object({
  pool: z.string(),
  tokenIn: TokenView,
  tokenOut: TokenView,
  amountIn: z.string().describe("Decimal string in the smallest unit of tokenIn."),
  amountOut: z.string().describe("Decimal string in the smallest unit of tokenOut; 0 where the swap would revert."),
});

/** @throws {UserFault} naming the leg that does not follow */
export function legsOf(at: MarketAtBlock, base: string, pools: readonly string[]): Leg[] {
  let token = base.toLowerCase();
  const legs = pools.map((address, place): Leg => {
    const pool = poolAt(at, address);
    if (pool.token0.address !== token && pool.token1.address !== token) {
      throw new UserFault(`pools[${place}]: ${address} trades ${pool.token0.symbol} and ${pool.token1.symbol}, and ${place === 0 ? "the base token" : "what the pool before gives"} is ${token}.`);
    }
    const leg = { pool, zeroForOne: pool.token0.address === token };
    token = tokenOut(leg).address;
    return leg;
  });
  if (token !== base.toLowerCase()) throw new UserFault(`The last pool gives ${token}, and a cycle ends with the base token ${base.toLowerCase()}.`);
  if (new Set(pools.map((pool) => pool.toLowerCase())).size < pools.length) throw new UserFault("A pool is there twice: its state changes under the first swap, so a cycle uses each once.");
  return legs;
}

export function legViews(legs: readonly Leg[], amountIn: bigint): z.input<typeof LegView>[] {
  let amount = amountIn;
  return legs.map((leg) => {
    const given = amount;
    amount = legOutput(leg, given);
    return { pool: leg.pool.id, tokenIn: tokenView(tokenIn(leg)), tokenOut: tokenView(tokenOut(leg)), amountIn: String(given), amountOut: String(amount) };
  });
}
