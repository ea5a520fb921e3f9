import { z } from "zod";
import { LENDER_KINDS } from "../../../../flashloan/lenders/lender.ts";
import { defineTool } from "../../../../kit/tool.ts";
import { asOf, asOfFields } from "../../../shared/market/as-of.ts";
import { allLenders, LenderView, lenderView, termsOutside } from "../../../shared/market/lender-view.ts";
import { latestMarket } from "../../../shared/market/market-source.ts";
import type { Deps } from "../deps.ts";

export const listLenders = defineTool<Deps>()({
  name: "list_lenders",
  title: "List lenders",
  description: "Lists who lends the base token for the length of a transaction, with what there is now and the premium, cheapest first.",
  input: z.strictObject({ kind: z.enum(LENDER_KINDS).optional().describe("Only lenders of this kind.") }).meta({ examples: [{}] }),
  output: z.object({
    ...asOfFields,
    token: z.string().describe("The base token, which all of them lend; lower case."),
    lenders: z.array(LenderView),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  async handler({ kind }, { deps }) {
    const at = await latestMarket(deps);
    const { address } = deps.reader.base;
    const lenders = allLenders(at, address).filter((lender) => kind === undefined || lender.kind === kind).flatMap((lender) => {
      const terms = termsOutside(at, lender, address);
      return terms === null ? [] : [lenderView(lender, terms)];
    });
    return { ...asOf(deps, at.head), token: address.toLowerCase(), lenders: lenders.toSorted((a, b) => a.premiumPpm - b.premiumPpm || a.gas - b.gas) };
  },
});
