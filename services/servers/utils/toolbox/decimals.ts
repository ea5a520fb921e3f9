/** Exact decimal arithmetic on strings: amounts are never turned into floating-point numbers. */

/** Decimal places of the named units of ether. */
export const UNIT_DECIMALS = { wei: 0, kwei: 3, mwei: 6, gwei: 9, szabo: 12, finney: 15, ether: 18 } as const;
export type UnitName = keyof typeof UNIT_DECIMALS;

/** `"1.50"` with 6 decimals → `1500000n`. Null when the text is no decimal number or has more places than the unit. */
export function toBaseUnits(amount: string, decimals: number): bigint | null {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(amount);
  if (!match) return null;
  const fraction = (match[3] ?? "").replace(/0+$/, "");
  if (fraction.length > decimals) return null;
  const units = BigInt(match[2]! + fraction.padEnd(decimals, "0"));
  return match[1] ? -units : units;
}

/** `1500000n` with 6 decimals → `"1.5"`. */
export function fromBaseUnits(units: bigint, decimals: number): string {
  const digits = (units < 0n ? -units : units).toString().padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals);
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, "");
  return `${units < 0n ? "-" : ""}${whole}${fraction ? `.${fraction}` : ""}`;
}
