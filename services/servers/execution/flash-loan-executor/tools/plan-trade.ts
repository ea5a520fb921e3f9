import { z } from "zod";
import { defineTool } from "../../../../kit/tool.ts";
import { asOf, asOfFields, wei } from "../../../shared/market/as-of.ts";
import { Quantity } from "../../../shared/evm-schemas.ts";
import { CyclePools } from "../../../shared/market/cycle.ts";
import { OpportunityView, opportunityView } from "../../../shared/market/opportunity-view.ts";
import type { Deps } from "../deps.ts";
import { planTrade } from "../plan.ts";

export const planTradeTool = defineTool<Deps>()({
  name: "plan_trade",
  title: "Plan a trade",
  description: "Plans the best trade of the newest block, or one cycle's, as an unsigned transaction to the executor contract. Signs nothing and sends nothing.",
  input: z.strictObject({
    pools: CyclePools.optional(),
    tipWei: Quantity.prefault("0").describe("Priority fee a unit of gas, over the next block's base fee."),
  }),
  output: z.object({
    ...asOfFields,
    opportunity: OpportunityView,
    deadlineBlock: z.int().describe("In a later block the executor reverts."),
    minProfitWei: wei("With less the executor reverts"),
    transaction: z.object({
      from: z.string().describe("The executor's owner, the only one whom it obeys."),
      to: z.string().describe("The executor contract."),
      data: z.string(),
      valueWei: z.string(),
      chainId: z.int(),
    }).describe("Unsigned."),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: false, openWorldHint: true },
  async handler({ pools, tipWei }, { deps }) {
    const { at, opportunity, deadlineBlock, minProfit, data } = await planTrade(deps, pools, tipWei);
    const { chainId, executor, accounts } = deps.reader.book;
    return {
      ...asOf(deps, at.head), opportunity: opportunityView(chainId, at.head.number, opportunity), deadlineBlock, minProfitWei: String(minProfit),
      transaction: { from: accounts.executorOwner, to: executor, data, valueWei: "0", chainId },
    };
  },
});
