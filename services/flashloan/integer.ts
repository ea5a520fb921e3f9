/** Integers as the EVM has them, and the few roots and quotients that it lacks. */
import { demand, type RefusalReason } from "./refusal.ts";

export const MAX_UINT112 = (1n << 112n) - 1n;
export const MAX_UINT128 = (1n << 128n) - 1n;
export const MAX_UINT160 = (1n << 160n) - 1n;
export const MAX_UINT256 = (1n << 256n) - 1n;
export const MAX_INT256 = (1n << 255n) - 1n;

/** Hundredths of a basis point, the unit of every fee here: 3000 pips are 0.3 %. Uniswap V3 counts so; V2 forks fit in too. */
export const PIPS = 1_000_000n;

/** @throws {Refusal} `invalid_fee` unless a whole number from 0 to 999 999 */
export function demandFee(feePips: number): void {
  demand(Number.isInteger(feePips) && feePips >= 0 && feePips < 1_000_000, "invalid_fee",
    () => `a fee of ${feePips} pips: a whole number from 0 to 999999 (3000 is 0.3 %)`);
}

/** @throws {Refusal} unless 0 < amount <= most: `invalid_amount` below, `amount_overflow` above */
export function demandAmount(amount: bigint, most: bigint, what: string): void {
  demand(amount > 0n, "invalid_amount", () => `${what} of ${amount}: at least 1`);
  demandAtMost(amount, most, "amount_overflow", what);
}

/** @throws {Refusal} with the given reason above `most` */
export function demandAtMost(value: bigint, most: bigint, reason: RefusalReason, what: string): void {
  demand(value <= most, reason, () => `${what} of ${value}: at most ${most}`);
}

/** Quotient of non-negative integers, rounded up. */
export const ceilDiv = (dividend: bigint, divisor: bigint): bigint => (dividend + divisor - 1n) / divisor;

/** Quotient rounded towards minus infinity; the divisor is positive. */
export const floorDiv = (dividend: bigint, divisor: bigint): bigint => (dividend >= 0n ? dividend / divisor : -ceilDiv(-dividend, divisor));

/** Greatest integer whose square is at most `value`: Newton from above, started at a double's root (Cohen, GTM 138, 1.7.1). */
export function isqrt(value: bigint): bigint {
  if (value < 1n << 52n) return BigInt(Math.floor(Math.sqrt(Number(value))));
  const bits = value.toString(16).length * 4;
  const shift = BigInt(Math.max(0, bits - 60) + (Math.max(0, bits - 60) & 1));
  // The leading 60 bits give a root that is too great by at most 2^-29 of itself; each step squares that error.
  let root = (BigInt(Math.ceil(Math.sqrt(Number(value >> shift)))) + 1n) << (shift >> 1n);
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}
