/** The trader's own values as the contract shows them. Pure. */
import * as shown from "../../../contract/trading.ts";
import { lenderId } from "../../flashloan/lenders/lender.ts";
import type { Opportunity } from "../../flashloan/opportunity.ts";
import { tokenIn } from "../../flashloan/pools/leg.ts";
import type { Trade } from "../books/books.ts";
import type { Head } from "../chain/answers.ts";
import { opportunityKey } from "../decide/plan.ts";
import type { TrackedPool } from "../state/pool-events.ts";

export function opportunityView(chainId: number, head: Head, { legs, lender, amountIn, profit, gasCost, netProfit }: Opportunity): shown.Opportunity {
  return {
    key: opportunityKey(chainId, head.number, legs), chainId, blockNumber: head.number, token: tokenIn(legs[0]!).address, pools: legs.map(({ pool }) => pool.id),
    lender: { kind: lender.kind, address: lenderId(lender).toLowerCase() }, amount: String(amountIn), profit: String(profit), gasCost: String(gasCost), netProfit: String(netProfit),
  };
}

export function poolView(pool: TrackedPool, blockNumber: number): shown.PoolState {
  const base = { address: pool.id, token0: pool.token0.address, token1: pool.token1.address, feePpm: pool.feePips, blockNumber };
  return pool.kind === "v2"
    ? { kind: "uniswap-v2", ...base, reserve0: String(pool.reserve0), reserve1: String(pool.reserve1) }
    : { kind: "uniswap-v3", ...base, sqrtPriceX96: String(pool.sqrtPriceX96), tick: pool.tick, liquidity: String(pool.liquidity) };
}

export function tradeView({ outcome, signatures, lender, lenderAddress, block, planId, ...trade }: Trade): shown.Trade {
  return {
    key: trade.key, planId: String(planId), mode: trade.mode, status: trade.status, reason: trade.reason, chainId: trade.chainId, blockNumber: block,
    blockHash: trade.blockHash, account: trade.account.toLowerCase(), token: trade.token, pools: [...trade.pools], lender: { kind: lender, address: lenderAddress.toLowerCase() },
    amount: String(trade.amount), predictedProfit: String(trade.predictedProfit), predictedGasCost: String(trade.predictedGasCost),
    transactions: signatures.map(({ hash, kind, nonce, fees, deadlineBlock }) => ({ hash, kind, nonce, maxFeePerGas: String(fees.maxFeePerGas), deadlineBlock })),
    outcome: outcome && {
      hash: outcome.hash, blockNumber: outcome.blockNumber, blockHash: outcome.blockHash, gasUsed: String(outcome.gasUsed), gasCost: String(outcome.gasCost), profit: String(outcome.profit),
    },
    foundAt: trade.foundAt.toISOString(), changedAt: trade.changedAt.toISOString(),
  };
}
