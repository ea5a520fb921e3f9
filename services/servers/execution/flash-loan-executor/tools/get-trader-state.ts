import { z } from "zod";
import { TraderState } from "../../../../../contract/trading.ts";
import { defineTool } from "../../../../kit/tool.ts";
import type { Deps } from "../deps.ts";

export const getTraderState = defineTool<Deps>()({
  name: "get_trader_state",
  title: "Read the trader's state",
  description: "Says what the flash trader does now: its block, mode, whether a trade would go out, kill switch, lease, limits, and why it has stopped. Amounts in wei of the base token.",
  input: z.strictObject({}),
  output: z.object(TraderState.shape),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  async handler(_, { deps, signal }) {
    return await deps.trader.state(signal);
  },
});
