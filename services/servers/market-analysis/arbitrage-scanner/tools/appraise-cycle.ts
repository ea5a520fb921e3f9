import { z } from "zod";
import { appraise } from "../../../../flashloan/opportunity.ts";
import { defineTool } from "../../../../kit/tool.ts";
import { nextBaseFee } from "../../../../market/fees.ts";
import { lendersOf } from "../../../../market/state/lenders.ts";
import { asOf, asOfFields } from "../../../shared/market/as-of.ts";
import { Quantity } from "../../../shared/evm-schemas.ts";
import { CyclePools, legsOf } from "../../../shared/market/cycle.ts";
import { latestMarket, reckon } from "../../../shared/market/market-source.ts";
import { OpportunityView, opportunityView } from "../../../shared/market/opportunity-view.ts";
import type { Deps } from "../deps.ts";

export const appraiseCycle = defineTool<Deps>()({
  name: "appraise_cycle",
  title: "Appraise a cycle",
  description: "Sizes one cycle at the newest block with every lender that serves it, and answers the one that leaves most after premium and gas, or null where none does.",
  input: z.strictObject({
    pools: CyclePools,
    tipWei: Quantity.prefault("0").describe("Priority fee a unit of gas, over the next block's base fee."),
  }),
  output: z.object({
    ...asOfFields,
    best: OpportunityView.nullable().describe("null: the cycle earns nothing with any lender."),
    refused: z.array(z.object({ lender: z.string(), reason: z.string(), message: z.string() })).describe("Lenders that do not serve this cycle."),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  async handler({ pools, tipWei }, { deps }) {
    const at = await latestMarket(deps);
    const legs = legsOf(at, deps.reader.base.address, pools);
    const gasPrice = { weiPerGas: nextBaseFee(at.head) + tipWei, basePerWei: [1n, 1n] } as const;
    const { best, refused } = reckon(() => appraise(legs, { lenders: lendersOf(at.lenders, legs), gasPrice }));
    return { ...asOf(deps, at.head), best: best && opportunityView(deps.reader.book.chainId, at.head.number, best), refused };
  },
});
