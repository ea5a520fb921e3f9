import { z } from "zod";
import { Trade } from "../../../../../contract/trading.ts";
import { defineTool } from "../../../../kit/tool.ts";
import type { Deps } from "../deps.ts";

export const listTrades = defineTool<Deps>()({
  name: "list_trades",
  title: "List trades",
  description: "Lists what the flash trader's books hold, newest first: rehearsed, refused, sent and settled trades, with what was predicted and what came of it.",
  input: z.strictObject({
    limit: z.int().min(1).max(200).default(20).describe("Trades in one answer."),
    before: z.string().regex(/^\d+$/, "a plan's id, digits alone").optional().describe("Only trades older than this one: its planId."),
  }).meta({ examples: [{}] }),
  output: z.object({ trades: z.array(Trade) }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  async handler({ limit, before }, { deps, signal }) {
    return { trades: await deps.trader.trades(limit, before, signal) };
  },
});
