import { z } from "zod";
import { premiumOf } from "../../../../flashloan/lenders/premium.ts";
import { UserFault } from "../../../../kit/errors.ts";
import { defineTool } from "../../../../kit/tool.ts";
import { asOf, asOfFields, wei } from "../../../shared/market/as-of.ts";
import { Address, Quantity } from "../../../shared/evm-schemas.ts";
import { allLenders, lenderAt, termsOutside } from "../../../shared/market/lender-view.ts";
import { latestMarket } from "../../../shared/market/market-source.ts";
import type { Deps } from "../deps.ts";

export const quoteLoan = defineTool<Deps>()({
  name: "quote_loan",
  title: "Quote a loan",
  description: "What a loan of the base token costs at one lender, to the wei and in the rounding of its contract.",
  input: z.strictObject({
    lender: Address.describe("Lender, as list_lenders tells it."),
    amountWei: Quantity.describe("Loan, in wei of the base token."),
  }),
  output: z.object({
    ...asOfFields,
    amountWei: wei("Loan"),
    premiumWei: wei("What it costs"),
    repayWei: wei("Loan and premium"),
    rounding: z.enum(["up", "half-up"]),
    availableWei: wei("Most that it lends now"),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  async handler({ lender: address, amountWei }, { deps }) {
    if (amountWei === 0n) throw new UserFault("invalid_amount: a loan of 0; give at least 1 wei.");
    const at = await latestMarket(deps);
    const base = deps.reader.base.address;
    const terms = termsOutside(at, lenderAt(allLenders(at, base), address), base);
    const most = terms?.most ?? 0n;
    if (terms === null || amountWei > most) throw new UserFault(`insufficient_liquidity: ${address} lends at most ${most} wei at block ${at.head.number}, and ${amountWei} were asked for.`);
    const premium = premiumOf(amountWei, terms.premium);
    return {
      ...asOf(deps, at.head), amountWei: String(amountWei), premiumWei: String(premium), repayWei: String(amountWei + premium), rounding: terms.premium.rounding, availableWei: String(most),
    };
  },
});
