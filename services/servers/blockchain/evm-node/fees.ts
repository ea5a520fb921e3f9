/** Fee arithmetic of EIP-1559, in wei. */

/** The lower median; null of nothing. */
export function medianOf(values: readonly bigint[]): bigint | null {
  const sorted = [...values].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? null;
}

/**
 * A base fee grows by at most an eighth a block (EIP-1559), so twice the next one is not passed for six blocks.
 *
 * @param tip priority fee per gas; what is not needed of the maximum is not paid
 */
export function suggestFees(nextBaseFee: bigint, tip: bigint): { maxPriorityFeePerGas: bigint; maxFeePerGas: bigint } {
  return { maxPriorityFeePerGas: tip, maxFeePerGas: 2n * nextBaseFee + tip };
}
