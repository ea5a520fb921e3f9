/** Input that the library does not work with, by name, so that whoever asked can count it and say which it was. */

export const REFUSALS = [
  "invalid_token", "untradable_token", "invalid_fee", "invalid_amount", "amount_overflow",
  "invalid_reserves", "invalid_price", "invalid_ticks", "invalid_liquidity", "insufficient_liquidity",
  "unknown_token", "unknown_pool", "duplicate_pool", "unknown_lender", "lender_is_leg", "invalid_lender",
  "invalid_cycle", "too_many_cycles", "invalid_gas", "invalid_objective",
] as const;
export type RefusalReason = (typeof REFUSALS)[number];

/** The message tells what was found, what is allowed and, where there is one, the remedy. */
export class Refusal extends Error {
  override name = "Refusal";
  readonly reason: RefusalReason;
  constructor(reason: RefusalReason, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** @throws {Refusal} unless the claim holds; the message is made only then */
export function demand(holds: boolean, reason: RefusalReason, message: () => string): asserts holds {
  if (!holds) throw new Refusal(reason, message());
}
