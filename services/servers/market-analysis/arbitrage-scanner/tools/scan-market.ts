import { z } from "zod";
import { defineTool } from "../../../../kit/tool.ts";
import { nextBaseFee } from "../../../../market/fees.ts";
import { asOf, asOfFields, wei } from "../../../shared/market/as-of.ts";
import { Quantity } from "../../../shared/evm-schemas.ts";
import { latestMarket, reckon } from "../../../shared/market/market-source.ts";
import { OpportunityView, opportunityView } from "../../../shared/market/opportunity-view.ts";
import type { Deps } from "../deps.ts";

export const scanMarket = defineTool<Deps>()({
  name: "scan_market",
  title: "Scan the market",
  description: "Searches every cycle of up to four swaps at the newest block, sizes the best in exact integers with the lender that leaves most, and answers those that earn something after gas.",
  input: z.strictObject({
    most: z.int().min(1).max(20).default(5).describe("Opportunities, best first."),
    leastNetProfitWei: Quantity.prefault("1").describe("Net profit, at least, in wei of the base token."),
    tipWei: Quantity.prefault("0").describe("Priority fee a unit of gas, over the next block's base fee."),
  }),
  output: z.object({
    ...asOfFields,
    cycles: z.int().describe("Cycles that were searched."),
    weiPerGas: wei("Base fee of the next block and the tip"),
    opportunities: z.array(OpportunityView),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  async handler({ most, leastNetProfitWei, tipWei }, { deps }) {
    const at = await latestMarket(deps);
    const search = deps.reader.searchOf(at);
    const weiPerGas = nextBaseFee(at.head) + tipWei;
    const found = reckon(() => search.all({ lenders: at.lenders, weiPerGas, leastProfit: leastNetProfitWei, most }));
    return {
      ...asOf(deps, at.head), cycles: search.cycles.count, weiPerGas: String(weiPerGas),
      opportunities: found.filter(({ netProfit }) => netProfit >= leastNetProfitWei).map((one) => opportunityView(deps.reader.book.chainId, at.head.number, one)),
    };
  },
});
