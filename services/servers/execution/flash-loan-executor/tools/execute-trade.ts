import { z } from "zod";
import { LiveTradeRequest, Trade } from "../../../../../contract/trading.ts";
import { defineTool } from "../../../../kit/tool.ts";
import type { Deps } from "../deps.ts";

export const executeTrade = defineTool<Deps>()({
  name: "execute_trade",
  title: "Execute a live trade",
  description: "Has the flash trader send the next opportunity that passes every gate, live and once. Refused unless the deployment names this chain for live trades (mcp:trading.liveChainId), and while the kill switch is set.",
  input: z.strictObject({
    chainId: LiveTradeRequest.shape.chainId.describe("Chain that the trade is meant for; another than the trader's is refused."),
    withinMs: LiveTradeRequest.shape.withinMs.describe("How long to wait for such an opportunity, in milliseconds."),
  }),
  output: z.object(Trade.shape),
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
  scopes: ["administer"],
  task: "optional",
  async handler(request, { deps, signal, caller, log }) {
    log.warn({ by: caller?.sub, chainId: request.chainId }, "a live trade was asked for");
    return await deps.trader.liveTrade(request, signal);
  },
});
