/** What a person reads of the hot path: each trade, and what keeps it from trading. */
import { messageOf } from "../../kit/errors.ts";
import type { Logger } from "../../kit/log.ts";
import type { Watcher } from "../watcher.ts";

export function logWatcher(log: Logger): Watcher {
  /** The same reason block after block is one line. */
  let failing: string | null = null;
  return {
    round({ head, opportunities, nodeMs, totalMs }) {
      failing = null;
      log.debug({ block: head.number, opportunities: opportunities.length, nodeMs, totalMs }, "round");
    },
    refused: (gate, message, key) => log.debug({ gate, message, key }, "not traded"),
    fault(error) {
      const reason = messageOf(error);
      if (failing !== reason) log.warn({ reason, name: (error as { reason?: string }).reason }, "a fault; going on with the next block");
      failing = reason;
    },
    halted: (reason) => log.error({ reason }, "trading has stopped until this process is started again"),
    reorganised: (from, to) => log.info({ from: from.number, to: to.number }, "blocks were undone"),
    rehearsed: ({ key, predictedProfit }) => log.debug({ key, predictedProfit: String(predictedProfit) }, "rehearsed"),
    sent: ({ key, predictedProfit, lender }, hash, sinceHeadMs) => log.info({ key, hash, lender, predictedProfit: String(predictedProfit), sinceHeadMs }, "sent"),
    status: (key, status, outcome) => log.info({ key, status, ...(outcome && { profit: String(outcome.profit), gasCost: String(outcome.gasCost) }) }, "trade"),
  };
}
