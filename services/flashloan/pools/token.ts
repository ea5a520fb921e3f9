/** Tokens as ERC-20 describes them, and which of them may be traded. */
import { demand } from "../refusal.ts";

export interface Token {
  /** Lower-case hex, 20 bytes. */
  readonly address: string;
  /** Of the token's unit, for people: amounts here are always in the smallest unit. */
  readonly decimals: number;
  readonly symbol?: string;
}

/** Above 30, one unit of a token at 1 wei would not fit the reserves of a pair beside a common one. */
const MOST_DECIMALS = 30;

/** @throws {Refusal} `invalid_token` for an address that is none, or decimals beyond 0 to 30 */
export function token(address: string, decimals: number, symbol?: string): Token {
  demand(/^0x[0-9a-fA-F]{40}$/.test(address), "invalid_token", () => `token "${address}": an address is 0x and 40 hexadecimal digits`);
  demand(Number.isInteger(decimals) && decimals >= 0 && decimals <= MOST_DECIMALS, "invalid_token", () => `token ${address} with ${decimals} decimals: a whole number from 0 to ${MOST_DECIMALS}`);
  return { address: address.toLowerCase(), decimals, ...(symbol !== undefined && { symbol }) };
}

export interface DecimalsAllowed { least: number; most: number }

/**
 * Both ends are left out on purpose: a token with 0 decimals rounds away what a cycle earns, and at 30 an ordinary amount
 * nears the uint112 of a pair. Real ones lie between: GUSD has 2, most 6 to 18, YAM v2 24.
 */
export const TRADABLE_DECIMALS: DecimalsAllowed = { least: 1, most: 29 };

/** @throws {Refusal} `untradable_token` */
export function demandTradable({ address, decimals, symbol }: Token, { least, most } = TRADABLE_DECIMALS): void {
  demand(decimals >= least && decimals <= most, "untradable_token",
    () => `token ${symbol ?? address} has ${decimals} decimals: from ${least} to ${most} are traded; leave its pools out`);
}
