/** Lenders of the base token as the market's servers show them: the ones of the market, and every pair that holds it. */
import { z } from "zod";
import { MEASURED_GAS } from "../../../flashloan/lenders/gas.ts";
import { LENDER_KINDS, lenderId, termsOf, type Lender, type Terms } from "../../../flashloan/lenders/lender.ts";
import { Refusal } from "../../../flashloan/refusal.ts";
import { UserFault } from "../../../kit/errors.ts";
import type { MarketAtBlock } from "../../../market/market-reader.ts";

export const LenderView = z.object({
  kind: z.enum(LENDER_KINDS),
  address: z.string().describe("Whoever is called for the loan; lower case."),
  availableWei: z.string().describe("Most that it lends now, decimal string in wei of the base token."),
  premiumPpm: z.number().describe("Premium in millionths of the loan, before rounding."),
  rounding: z.enum(["up", "half-up"]).describe("How the contract rounds the premium to a unit."),
  gas: z.int().describe("Gas of asking it and paying it back, beyond what a pair that is the first leg takes; measured."),
  onlyAsFirstLeg: z.boolean().describe("true: the executor borrows from it only where it is the cycle's first pool, and then without premium; the premium here is a same-token flash swap's."),
  cannotBeLeg: z.boolean().describe("true: it is locked while it lends, so a cycle may not pass through it (but as the first leg, where onlyAsFirstLeg is true)."),
});

/**
 * Its terms for a cycle that does not pass through it; null where it has none of the base token now. What a lender asks is the
 * same for all of these, so one leg that begins with the base token stands for them.
 */
export function termsOutside({ market }: MarketAtBlock, lender: Lender, base: string): Terms | null {
  const token = base.toLowerCase();
  const pool = market.pools.find(({ id, token0, token1 }) => id !== lenderId(lender) && (token0.address === token || token1.address === token));
  if (!pool) return null;
  try {
    return termsOf(lender, [{ pool, zeroForOne: pool.token0.address === token }]);
  } catch (error) {
    if (error instanceof Refusal && error.reason === "insufficient_liquidity") return null;
    throw error;
  }
}

/** The market's lenders, and every pair that holds the base token. */
export function allLenders({ market, lenders }: MarketAtBlock, base: string): Lender[] {
  const token = base.toLowerCase();
  const pairs = market.pools.flatMap((pool): Lender[] =>
    (pool.kind === "v2" && (pool.token0.address === token || pool.token1.address === token) ? [{ kind: "uniswap-v2", pool }] : []));
  return [...lenders, ...pairs];
}

export function lenderView(lender: Lender, { premium, most }: Terms): z.input<typeof LenderView> {
  return {
    kind: lender.kind, address: lenderId(lender).toLowerCase(), availableWei: String(most), rounding: premium.rounding,
    premiumPpm: Number((premium.numerator * 10n ** 9n) / premium.denominator) / 1_000, onlyAsFirstLeg: lender.kind === "uniswap-v2",
    gas: MEASURED_GAS.lender[lender.kind], cannotBeLeg: "pool" in lender,
  };
}

/** @throws {UserFault} naming the lenders there are */
export function lenderAt(lenders: readonly Lender[], address: string): Lender {
  const found = lenders.find((lender) => lenderId(lender).toLowerCase() === address.toLowerCase());
  if (!found) throw new UserFault(`${address} lends nothing of the base token here: list_lenders of flash-loan-pools has the ${lenders.length} that do.`);
  return found;
}
