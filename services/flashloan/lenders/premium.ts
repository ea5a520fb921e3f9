/** What a loan costs: a share of the amount, in the rounding of the contract that takes it. */
import { ceilDiv } from "../integer.ts";

export interface Premium {
  /** The share is numerator / denominator. */
  readonly numerator: bigint;
  readonly denominator: bigint;
  /** `half-up` rounds a half to the next unit, and less than that away. */
  readonly rounding: "up" | "half-up";
}

export const NO_PREMIUM: Premium = { numerator: 0n, denominator: 1n, rounding: "up" };

/** In the smallest unit of the token lent. */
export function premiumOf(amount: bigint, { numerator, denominator, rounding }: Premium): bigint {
  return rounding === "up" ? ceilDiv(amount * numerator, denominator) : (2n * amount * numerator + denominator) / (2n * denominator);
}
