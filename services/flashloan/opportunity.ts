/** A cycle with its size, its lender, and what is left when everybody has been paid. */
import { gasCost, gasOf, MEASURED_GAS, type GasPrice, type GasTable } from "./lenders/gas.ts";
import { lenderId, termsOf, type Lender } from "./lenders/lender.ts";
import type { Cycles } from "./market/cycles.ts";
import type { Market } from "./market/market.ts";
import { tokenIn, type Leg } from "./pools/leg.ts";
import { demandTradable, TRADABLE_DECIMALS, type DecimalsAllowed } from "./pools/token.ts";
import { demand, Refusal, type RefusalReason } from "./refusal.ts";
import { optimalSize, type Optimum } from "./sizing/optimum.ts";
import type { Found } from "./sizing/scanner.ts";

export interface Opportunity extends Optimum {
  readonly legs: readonly Leg[];
  readonly lender: Lender;
  /** The first leg's pool is the lender: it pays out before it is paid. */
  readonly firstLegLends: boolean;
  readonly gas: number;
  /** In the base token's smallest unit. */
  readonly gasCost: bigint;
  /** profit − gasCost. */
  readonly netProfit: bigint;
}

export interface Conditions {
  readonly lenders: readonly Lender[];
  readonly gasPrice: GasPrice;
  readonly gasTable?: GasTable;
  readonly decimals?: DecimalsAllowed;
  /** Of `optimalSize`. */
  readonly evaluations?: number;
}

export interface Appraisal {
  /** The lender that leaves most; null where none leaves anything. */
  best: Opportunity | null;
  /** Why lenders did not come into question, by their address. */
  refused: { lender: string; reason: RefusalReason; message: string }[];
}

/**
 * A cycle with each lender at the size that is best for it: the premium is part of the closed form, the gas only decides
 * whether, and with whom.
 *
 * @throws {Refusal} `invalid_cycle`, `untradable_token`, `invalid_gas`; `unknown_lender` and `invalid_lender`, which are the
 * caller's mistakes. That a pool cannot lend for this cycle is told in `refused`.
 */
export function appraise(legs: readonly Leg[], { lenders, gasPrice, gasTable = MEASURED_GAS, decimals = TRADABLE_DECIMALS, evaluations }: Conditions): Appraisal {
  for (const leg of legs) demandTradable(tokenIn(leg), decimals);
  const appraisal: Appraisal = { best: null, refused: [] };
  // Lenders on the same terms have the same best size.
  const sized = new Map<string, Optimum | null>();
  for (const lender of legs.length === 0 ? [] : lenders) {
    let terms;
    try {
      terms = termsOf(lender, legs);
    } catch (error) {
      if (!(error instanceof Refusal) || (error.reason !== "lender_is_leg" && error.reason !== "insufficient_liquidity")) throw error;
      appraisal.refused.push({ lender: lenderId(lender), reason: error.reason, message: error.message });
      continue;
    }
    const { premium, most, firstLegLends } = terms;
    const key = `${premium.numerator}/${premium.denominator} ${premium.rounding}`;
    let optimum = sized.get(key);
    // A loan that is not the limit leaves the best size where it is.
    if (optimum === undefined || (optimum !== null && optimum.amountIn > most)) {
      optimum = optimalSize(legs, { premium, most, ...(evaluations !== undefined && { evaluations }) });
      if (optimum === null || optimum.amountIn < most) sized.set(key, optimum);
    }
    if (optimum === null) continue;
    const gas = gasOf(legs, lender.kind, firstLegLends, gasTable);
    const cost = gasCost(gas, gasPrice);
    const netProfit = optimum.profit - cost;
    if (netProfit > (appraisal.best?.netProfit ?? 0n)) appraisal.best = { ...optimum, legs, lender, firstLegLends, gas, gasCost: cost, netProfit };
  }
  return appraisal;
}

export interface Search extends Omit<Conditions, "lenders"> {
  /** Who comes into question: for every cycle the same, or told by its legs, as where a pair lends only as the first of them. */
  readonly lenders: readonly Lender[] | ((legs: readonly Leg[]) => readonly Lender[]);
  /** How many to find. */
  readonly most: number;
  /** How many of the scan's to size in exact integers. */
  readonly tried?: number;
}

/**
 * The best of what a scan has found, by net profit. The scan's profits have no roundings, gas or premium in them, so they
 * are never below the exact ones: once one is not above the worst that is kept, no later one can be better.
 *
 * For a scan of one base token: net profits in different tokens do not compare.
 */
export function bestOpportunities(market: Market, cycles: Cycles, found: readonly Found[], search: Search): Opportunity[] {
  demand(Number.isInteger(search.most) && search.most > 0, "invalid_amount", () => `${search.most} opportunities: at least 1`);
  const kept: Opportunity[] = [];
  for (const { cycle, profit } of found.slice(0, search.tried ?? found.length)) {
    if (kept.length === search.most && profit * (1 + 1e-9) < Number(kept.at(-1)!.netProfit)) break;
    const legs = market.legsOf(cycles.hops.subarray(cycles.start[cycle]!, cycles.start[cycle + 1]!));
    const lenders = typeof search.lenders === "function" ? search.lenders(legs) : search.lenders;
    const { best } = appraise(legs, { ...search, lenders });
    if (best === null) continue;
    kept.push(best);
    kept.sort((a, b) => (a.netProfit < b.netProfit ? 1 : a.netProfit > b.netProfit ? -1 : 0));
    if (kept.length > search.most) kept.pop();
  }
  return kept;
}
