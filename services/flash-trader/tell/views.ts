/** Trades, limits and budgets as the contract shows them. Pure. */
import type * as shown from "../../../contract/trading.ts";
import type { Trade } from "../books/books.ts";
import type { Spent } from "../decide/budget.ts";
import type { Limits } from "../decide/gates.ts";

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

export function limitsView({ leastNetProfit, mostAmount, mostGas, hourlyGas, hourlyLoss, ...counts }: Limits): shown.TraderState["limits"] {
  return {
    ...counts, leastNetProfit: String(leastNetProfit), mostAmount: String(mostAmount), mostGas: String(mostGas), hourlyGas: String(hourlyGas), hourlyLoss: String(hourlyLoss),
  };
}

export const spentView = ({ gas, loss, reverts }: Spent): shown.TraderState["spent"] => ({ gas: String(gas), loss: String(loss), reverts });
