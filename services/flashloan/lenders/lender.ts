/**
 * Who lends for the length of a transaction: what it costs, how much there is, what a cycle that uses the loan may not do.
 * A lender is plain data, so that it can be read from a chain, shown and kept; what follows from its kind stands here.
 */
import { PIPS } from "../integer.ts";
import { tokenIn, type Leg } from "../pools/leg.ts";
import type { Pool } from "../pools/pool.ts";
import { demand, Refusal } from "../refusal.ts";
import { NO_PREMIUM, type Premium } from "./premium.ts";

export const LENDER_KINDS = ["aave-v3", "balancer-v2", "uniswap-v2", "uniswap-v3"] as const;
export type LenderKind = (typeof LENDER_KINDS)[number];

/** Aave V3 Pool, `flashLoanSimple`: pulls amount and premium by allowance after `executeOperation`. */
export interface AaveV3 {
  readonly kind: "aave-v3";
  readonly address: string;
  /** FLASHLOAN_PREMIUM_TOTAL as read on the chain; 5 nearly everywhere, 0 on a fresh pool. */
  readonly premiumBps: number;
  /** `half-up` in core-v3 up to 1.19 (`percentMul`), `up` from aave-v3-origin 3.6 (`percentMulCeil`). */
  readonly rounding: Premium["rounding"];
  /** What can be lent, by token address in lower case: the aToken's balance where flash loans are enabled. */
  readonly available: Readonly<Record<string, bigint>>;
}

/** Balancer V2 Vault, `flashLoan`: paid back by transfer before `receiveFlashLoan` returns. */
export interface BalancerV2 {
  readonly kind: "balancer-v2";
  readonly address: string;
  /** `getFlashLoanFeePercentage` of the ProtocolFeesCollector, 1e18 is the whole; 0 unless governance sets it. */
  readonly feeFraction: bigint;
  /** The vault's balances. */
  readonly available: Readonly<Record<string, bigint>>;
}

/**
 * A Uniswap V2 pair, `swap` with data. Where it is the cycle's first pool, it gives that leg's output first and is paid the
 * leg's input at the end: no premium, and nobody else is needed. Any other pair lends the base token itself.
 */
export interface UniswapV2 {
  readonly kind: "uniswap-v2";
  readonly pool: Pool & { kind: "v2" };
}

/** A Uniswap V3 pool, `flash`. */
export interface UniswapV3 {
  readonly kind: "uniswap-v3";
  readonly pool: Pool & { kind: "v3" };
  /** Balances of the pool, which its liquidity in range does not tell. */
  readonly available: Readonly<Record<string, bigint>>;
}

export type Lender = AaveV3 | BalancerV2 | UniswapV2 | UniswapV3;

export interface Terms {
  readonly premium: Premium;
  /** The greatest loan, in the base token's smallest unit. */
  readonly most: bigint;
  /** The first leg is the loan: its pool pays out before it is paid. */
  readonly firstLegLends: boolean;
}

/** Address of whoever is called for the loan. */
export const lenderId = (lender: Lender): string => ("pool" in lender ? lender.pool.id : lender.address.toLowerCase());

/**
 * On what terms a lender serves a cycle.
 *
 * @throws {Refusal} `unknown_lender` for a kind that is none of these; `lender_is_leg` where the lending pool, locked until
 * it is paid, is also a leg; `insufficient_liquidity` where it has none of the token; `invalid_lender` for impossible fees
 */
export function termsOf(lender: Lender, legs: readonly Leg[]): Terms {
  const base = tokenIn(legs[0]!);
  switch (lender.kind) {
    case "aave-v3":
      demand(Number.isInteger(lender.premiumBps) && lender.premiumBps >= 0 && lender.premiumBps <= 10_000, "invalid_lender",
        () => `Aave at ${lender.address} with a premium of ${lender.premiumBps} basis points: a whole number from 0 to 10000`);
      return lends(lender, base.address, lender.available[base.address], { numerator: BigInt(lender.premiumBps), denominator: 10_000n, rounding: lender.rounding });
    case "balancer-v2":
      // MAX_PROTOCOL_FLASH_LOAN_FEE_PERCENTAGE of ProtocolFeesCollector.sol.
      demand(lender.feeFraction >= 0n && lender.feeFraction <= 10n ** 16n, "invalid_lender", () => `Balancer at ${lender.address} with a fee of ${lender.feeFraction}: from 0 to 1e16, which is 1 %`);
      return lends(lender, base.address, lender.available[base.address], { numerator: lender.feeFraction, denominator: 10n ** 18n, rounding: "up" });
    case "uniswap-v2": {
      const { pool } = lender;
      // All but the input may be asked of it, so the leg's own curve is the limit.
      if (legs[0]!.pool.id === pool.id) return { premium: NO_PREMIUM, most: 1n << 112n, firstLegLends: true };
      demandNoLeg(pool, legs);
      const reserve = pool.token0.address === base.address ? pool.reserve0 : pool.token1.address === base.address ? pool.reserve1 : undefined;
      // x·fee/(1 − fee), rounded up: what makes (reserve + premium)·1e6 − (loan + premium)·fee at least reserve·1e6 (UniswapV2Pair.swap).
      const fee = BigInt(pool.feePips);
      return lends(lender, base.address, reserve === undefined ? undefined : reserve - 1n, { numerator: fee, denominator: PIPS - fee, rounding: "up" });
    }
    case "uniswap-v3":
      demandNoLeg(lender.pool, legs);
      return lends(lender, base.address, lender.available[base.address], { numerator: BigInt(lender.pool.feePips), denominator: PIPS, rounding: "up" });
    default:
      throw new Refusal("unknown_lender", `lender "${(lender as { kind: unknown }).kind}": one of ${LENDER_KINDS.join(", ")}`);
  }
}

function lends(lender: Lender, token: string, available: bigint | undefined, premium: Premium): Terms {
  demand(available !== undefined && available > 0n, "insufficient_liquidity", () => `${lender.kind} ${lenderId(lender)} has nothing of ${token} to lend`);
  return { premium, most: available, firstLegLends: false };
}

function demandNoLeg(pool: Pool, legs: readonly Leg[]): void {
  const at = legs.findIndex((leg) => leg.pool.id === pool.id);
  demand(at < 0, "lender_is_leg", () => `pool ${pool.id} lends and is leg ${at + 1} of the cycle: it is locked until it is paid (LOCKED, LOK)`);
}
