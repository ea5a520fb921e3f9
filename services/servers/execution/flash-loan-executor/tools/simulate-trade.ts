import { z } from "zod";
import { defineTool } from "../../../../kit/tool.ts";
import { nextBaseFee } from "../../../../market/fees.ts";
import { profitOf, revertReason } from "../../../../market/plan.ts";
import { asOf, asOfFields, wei } from "../../../shared/market/as-of.ts";
import { Quantity } from "../../../shared/evm-schemas.ts";
import { CyclePools } from "../../../shared/market/cycle.ts";
import { askMarket } from "../../../shared/market/market-source.ts";
import { OpportunityView, opportunityView } from "../../../shared/market/opportunity-view.ts";
import type { Deps } from "../deps.ts";
import { planTrade } from "../plan.ts";

export const simulateTrade = defineTool<Deps>()({
  name: "simulate_trade",
  title: "Simulate a trade",
  description: "Plans a trade as plan_trade does and runs the very transaction on the state of that block: what it would earn to the wei, or why it reverts. Sends nothing.",
  input: z.strictObject({
    pools: CyclePools.optional(),
    tipWei: Quantity.prefault("0").describe("Priority fee a unit of gas, over the next block's base fee."),
  }),
  output: z.object({
    ...asOfFields,
    opportunity: OpportunityView,
    outcome: z.enum(["earns", "reverts"]),
    profitWei: wei("What the executor answers, before gas").nullable().describe("null where it reverts."),
    asPredicted: z.boolean().describe("The simulated profit is the predicted one, to the wei."),
    gas: z.string().nullable().describe("Estimated by the node; null where it reverts."),
    netProfitWei: wei("Profit less that gas").nullable().describe("null where it reverts."),
    reason: z.string().nullable().describe("Why it reverts; null where it does not."),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  async handler({ pools, tipWei }, { deps }) {
    const { at, opportunity, data } = await planTrade(deps, pools, tipWei);
    const { chainId, executor, accounts } = deps.reader.book;
    const { output, reason, gas } = await askMarket(() => deps.reader.chain.simulate({ from: accounts.executorOwner, to: executor, data }, at.head.hash));
    const common = { ...asOf(deps, at.head), opportunity: opportunityView(chainId, at.head.number, opportunity) };
    if (output === null) {
      return { ...common, outcome: "reverts" as const, profitWei: null, asPredicted: false, gas: null, netProfitWei: null, reason: revertReason(reason!.data, reason!.message) };
    }
    const profit = profitOf(output);
    return {
      ...common, outcome: "earns" as const, profitWei: String(profit), asPredicted: profit === opportunity.profit, gas: String(gas),
      netProfitWei: String(profit - gas * (nextBaseFee(at.head) + tipWei)), reason: null,
    };
  },
});
