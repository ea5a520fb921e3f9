import { z } from "zod";
import { gasCost, MEASURED_GAS } from "../../../../flashloan/lenders/gas.ts";
import { lenderId } from "../../../../flashloan/lenders/lender.ts";
import { premiumOf } from "../../../../flashloan/lenders/premium.ts";
import { UserFault } from "../../../../kit/errors.ts";
import { defineTool } from "../../../../kit/tool.ts";
import { nextBaseFee } from "../../../../market/fees.ts";
import { asOf, asOfFields, wei } from "../../../shared/market/as-of.ts";
import { Quantity } from "../../../shared/evm-schemas.ts";
import { termsOutside } from "../../../shared/market/lender-view.ts";
import { latestMarket } from "../../../shared/market/market-source.ts";
import type { Deps } from "../deps.ts";

export const compareLenders = defineTool<Deps>()({
  name: "compare_lenders",
  title: "Compare lenders",
  description: "Ranks the lenders that serve any cycle by what a loan costs in all, premium and the gas of borrowing, and says who cannot lend that much.",
  input: z.strictObject({
    amountWei: Quantity.describe("Loan, in wei of the base token."),
    tipWei: Quantity.prefault("0").describe("Priority fee a unit of gas, over the next block's base fee."),
  }),
  output: z.object({
    ...asOfFields,
    weiPerGas: z.string().describe("Base fee of the next block and the tip."),
    ranking: z.array(z.object({
      kind: z.string(),
      lender: z.string(),
      premiumWei: wei("Premium"),
      gasWei: wei("Gas of asking and paying back, measured, at that price"),
      totalWei: wei("Both"),
    })).describe("Cheapest first."),
    tooSmall: z.array(z.object({ kind: z.string(), lender: z.string(), availableWei: wei("Most that it lends now") })),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  async handler({ amountWei, tipWei }, { deps }) {
    if (amountWei === 0n) throw new UserFault("invalid_amount: a loan of 0; give at least 1 wei.");
    const at = await latestMarket(deps);
    const weiPerGas = nextBaseFee(at.head) + tipWei;
    const known = at.lenders.map((lender) => ({ kind: lender.kind, lender: lenderId(lender).toLowerCase(), terms: termsOutside(at, lender, deps.reader.base.address) }));
    const ranking = known.flatMap(({ kind, lender, terms }) => {
      if (terms === null || terms.most < amountWei) return [];
      const [premium, gas] = [premiumOf(amountWei, terms.premium), gasCost(MEASURED_GAS.lender[kind], { weiPerGas, basePerWei: [1n, 1n] })];
      return [{ kind, lender, premiumWei: String(premium), gasWei: String(gas), totalWei: String(premium + gas) }];
    });
    return {
      ...asOf(deps, at.head), weiPerGas: String(weiPerGas),
      ranking: ranking.toSorted((a, b) => (BigInt(a.totalWei) < BigInt(b.totalWei) ? -1 : 1)),
      tooSmall: known.filter(({ terms }) => terms === null || terms.most < amountWei).map(({ kind, lender, terms }) => ({ kind, lender, availableWei: String(terms?.most ?? 0n) })),
    };
  },
});
