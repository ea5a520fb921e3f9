/** Opportunities and pools as the contract shows them. Pure. */
import type * as shown from "../../contract/trading.ts";
import { lenderId } from "../flashloan/lenders/lender.ts";
import type { Opportunity } from "../flashloan/opportunity.ts";
import { tokenIn } from "../flashloan/pools/leg.ts";
import type { Pool } from "../flashloan/pools/pool.ts";
import type { Head } from "./chain/answers.ts";
import { opportunityKey } from "./plan.ts";

export function opportunityView(chainId: number, head: Head, { legs, lender, amountIn, profit, gasCost, netProfit }: Opportunity): shown.Opportunity {
  return {
    key: opportunityKey(chainId, head.number, legs), chainId, blockNumber: head.number, token: tokenIn(legs[0]!).address, pools: legs.map(({ pool }) => pool.id),
    lender: { kind: lender.kind, address: lenderId(lender).toLowerCase() }, amount: String(amountIn), profit: String(profit), gasCost: String(gasCost), netProfit: String(netProfit),
  };
}

export function poolView(pool: Pool, blockNumber: number): shown.PoolState {
  const base = { address: pool.id, token0: pool.token0.address, token1: pool.token1.address, feePpm: pool.feePips, blockNumber };
  return pool.kind === "v2"
    ? { kind: "uniswap-v2", ...base, reserve0: String(pool.reserve0), reserve1: String(pool.reserve1) }
    : { kind: "uniswap-v3", ...base, sqrtPriceX96: String(pool.sqrtPriceX96), tick: pool.tick, liquidity: String(pool.liquidity) };
}
