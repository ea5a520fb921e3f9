import { z } from "zod";
import { UserFault } from "../../../../kit/errors.ts";
import { defineTool } from "../../../../kit/tool.ts";
import { asOf, asOfFields } from "../../../shared/market/as-of.ts";
import { Address } from "../../../shared/evm-schemas.ts";
import { allLenders, lenderAt, LenderView, lenderView, termsOutside } from "../../../shared/market/lender-view.ts";
import { latestMarket } from "../../../shared/market/market-source.ts";
import type { Deps } from "../deps.ts";

/** How each is asked and paid back; docs of the protocols. */
const WAYS = {
  "aave-v3": { entry: "flashLoanSimple(receiver, asset, amount, params, referralCode)", callback: "executeOperation(asset, amount, premium, initiator, params)", repayment: "pulled by allowance after the callback" },
  "balancer-v2": { entry: "flashLoan(recipient, tokens, amounts, userData)", callback: "receiveFlashLoan(tokens, amounts, feeAmounts, userData)", repayment: "transferred before the callback ends" },
  "uniswap-v2": { entry: "swap(amount0Out, amount1Out, to, data)", callback: "uniswapV2Call(sender, amount0, amount1, data)", repayment: "transferred before the callback ends, in either token" },
  "uniswap-v3": { entry: "flash(recipient, amount0, amount1, data)", callback: "uniswapV3FlashCallback(fee0, fee1, data)", repayment: "transferred before the callback ends" },
} as const;

export const getLender = defineTool<Deps>()({
  name: "get_lender",
  title: "Read a lender",
  description: "Reads one lender: liquidity and premium at the newest block, and how its contract is asked and paid back.",
  input: z.strictObject({ lender: Address.describe("Lender, as list_lenders tells it.") }),
  output: z.object({
    ...asOfFields,
    ...LenderView.shape,
    entry: z.string().describe("Function that is called for the loan."),
    callback: z.string().describe("Function that the borrower must have."),
    repayment: z.string(),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  async handler({ lender: address }, { deps }) {
    const at = await latestMarket(deps);
    const base = deps.reader.base.address;
    const lender = lenderAt(allLenders(at, base), address);
    const terms = termsOutside(at, lender, base);
    if (terms === null) throw new UserFault(`${address} has nothing of the base token to lend at block ${at.head.number}.`);
    return { ...asOf(deps, at.head), ...lenderView(lender, terms), ...WAYS[lender.kind] };
  },
});
