import { z } from "zod";
import { pathOutput } from "../../../../flashloan/pools/leg.ts";
import { defineTool } from "../../../../kit/tool.ts";
import { asOf, asOfFields, wei } from "../../../shared/market/as-of.ts";
import { Quantity } from "../../../shared/evm-schemas.ts";
import { CyclePools, LegView, legsOf, legViews } from "../../../shared/market/cycle.ts";
import { latestMarket } from "../../../shared/market/market-source.ts";
import type { Deps } from "../deps.ts";

export const evaluateSize = defineTool<Deps>()({
  name: "evaluate_size",
  title: "Evaluate sizes of a cycle",
  description: "What one cycle gives for sizes of the caller's choice, in exact integers at the newest block: its profit curve, before premium and gas.",
  input: z.strictObject({
    pools: CyclePools,
    amountsWei: z.array(Quantity).min(1).max(50).describe("Sizes, in wei of the base token."),
    withLegs: z.boolean().default(false).describe("Also what each swap takes and gives."),
  }),
  output: z.object({
    ...asOfFields,
    sizes: z.array(z.object({
      amountWei: wei("What goes in"),
      outputWei: wei("What comes out; 0 where a swap would revert"),
      surplusWei: wei("Output less input; below 0 a loss"),
      legs: z.array(LegView).nullable(),
    })),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  async handler({ pools, amountsWei, withLegs }, { deps }) {
    const at = await latestMarket(deps);
    const legs = legsOf(at, deps.reader.base.address, pools);
    return {
      ...asOf(deps, at.head),
      sizes: amountsWei.map((amount) => {
        const output = pathOutput(legs, amount);
        return { amountWei: String(amount), outputWei: String(output), surplusWei: String(output - amount), legs: withLegs ? legViews(legs, amount) : null };
      }),
    };
  },
});
