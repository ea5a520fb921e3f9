import { z } from "zod";
import { Trade } from "../../../../../contract/trading.ts";
import { defineTool } from "../../../../kit/tool.ts";
import type { Deps } from "../deps.ts";

export const getTrade = defineTool<Deps>()({
  name: "get_trade",
  title: "Read a trade",
  description: "Reads one trade from the flash trader's books: status, transactions by their hashes, predicted and realised profit, gas.",
  input: z.strictObject({ key: z.string().regex(/^\d+:\d+:[0-9a-f]+(:dry-run)?$/, "a trade's key, as list_trades tells it").describe("Key of the trade.") }),
  output: z.object(Trade.shape),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  async handler({ key }, { deps, signal }) {
    return await deps.trader.trade(key, signal);
  },
});
