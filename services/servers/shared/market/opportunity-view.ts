/** Opportunities as the market's servers show them: everything in wei of the base token, and leg by leg. */
import { z } from "zod";
import { lenderId } from "../../../flashloan/lenders/lender.ts";
import type { Opportunity } from "../../../flashloan/opportunity.ts";
import { opportunityKey } from "../../../market/plan.ts";
import { wei } from "./as-of.ts";
import { LegView, legViews } from "./cycle.ts";

export const OpportunityView = z.object({
  key: z.string().describe("Chain, block, and pools with directions: one opportunity, whoever finds it."),
  lender: z.object({ kind: z.string(), address: z.string() }),
  firstLegLends: z.boolean(),
  amountWei: wei("Loan"),
  premiumWei: wei("What the loan costs"),
  profitWei: wei("What is left after the premium, before gas"),
  shortfallWei: wei("By how much another size might earn more, at most; 0 where this one is proven to be the best"),
  gas: z.int().describe("Expected, from measured figures; simulate before sending."),
  gasCostWei: wei("Gas at the next block's base fee and the tip"),
  netProfitWei: wei("Profit less gas"),
  legs: z.array(LegView),
});

export function opportunityView(chainId: number, block: number, opportunity: Opportunity): z.input<typeof OpportunityView> {
  const { legs, lender, firstLegLends, amountIn, premium, profit, shortfall, gas, gasCost, netProfit } = opportunity;
  return {
    key: opportunityKey(chainId, block, legs), lender: { kind: lender.kind, address: lenderId(lender).toLowerCase() }, firstLegLends, amountWei: String(amountIn),
    premiumWei: String(premium), profitWei: String(profit), shortfallWei: String(shortfall), gas, gasCostWei: String(gasCost), netProfitWei: String(netProfit),
    legs: legViews(legs, amountIn),
  };
}
