import { z } from "zod";
import { lenderId, termsOf } from "../../../../flashloan/lenders/lender.ts";
import { premiumOf } from "../../../../flashloan/lenders/premium.ts";
import { Refusal } from "../../../../flashloan/refusal.ts";
import { defineTool } from "../../../../kit/tool.ts";
import { lendersOf } from "../../../../market/state/lenders.ts";
import { asOf, asOfFields, wei } from "../../../shared/market/as-of.ts";
import { Quantity } from "../../../shared/evm-schemas.ts";
import { CyclePools, legsOf } from "../../../shared/market/cycle.ts";
import { latestMarket } from "../../../shared/market/market-source.ts";
import type { Deps } from "../deps.ts";

export const checkLoan = defineTool<Deps>()({
  name: "check_loan",
  title: "Check loans for a cycle",
  description: "Says for one cycle which lenders serve a loan, at what premium, and why the others do not: locked as a leg, or too little liquidity.",
  input: z.strictObject({ pools: CyclePools, amountWei: Quantity.describe("Loan, in wei of the base token.") }),
  output: z.object({
    ...asOfFields,
    lenders: z.array(z.object({
      kind: z.string(),
      lender: z.string(),
      serves: z.boolean(),
      reason: z.string().nullable().describe("Name of the refusal; null where it serves."),
      premiumWei: wei("Premium").nullable(),
      firstLegLends: z.boolean().describe("true: the first pool gives before it is paid, without premium."),
    })),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  async handler({ pools, amountWei }, { deps }) {
    const at = await latestMarket(deps);
    const legs = legsOf(at, deps.reader.base.address, pools);
    const lenders = lendersOf(at.lenders, legs).map((lender) => {
      const named = { kind: lender.kind, lender: lenderId(lender).toLowerCase() };
      const refused = (reason: string) => ({ ...named, serves: false, reason, premiumWei: null, firstLegLends: false });
      try {
        const { premium, most, firstLegLends } = termsOf(lender, legs);
        if (amountWei === 0n) return refused("invalid_amount");
        if (amountWei > most) return refused("insufficient_liquidity");
        return { ...named, serves: true, reason: null, premiumWei: String(premiumOf(amountWei, premium)), firstLegLends };
      } catch (error) {
        if (error instanceof Refusal) return refused(error.reason);
        throw error;
      }
    });
    return { ...asOf(deps, at.head), lenders };
  },
});
