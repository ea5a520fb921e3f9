/** What a transaction offers for gas. Pure. EIP-1559: https://eips.ethereum.org/EIPS/eip-1559 */
import type { Head } from "./chain/answers.ts";

export interface Fees { maxFeePerGas: bigint; maxPriorityFeePerGas: bigint }

/** Base fee of the block after this one. */
export function nextBaseFee({ baseFeePerGas, gasUsed, gasLimit }: Pick<Head, "baseFeePerGas" | "gasUsed" | "gasLimit">): bigint {
  const target = gasLimit / 2n;
  if (gasUsed === target || target === 0n) return baseFeePerGas;
  if (gasUsed > target) {
    const rise = (baseFeePerGas * (gasUsed - target)) / target / 8n;
    return baseFeePerGas + (rise > 0n ? rise : 1n);
  }
  return baseFeePerGas - (baseFeePerGas * (target - gasUsed)) / target / 8n;
}

/** Enough for the next block and the one after it, whatever fills the next: the base fee rises by an eighth at most. */
export function firstFees(head: Head, tip: bigint): Fees {
  return { maxFeePerGas: (nextBaseFee(head) * 9n) / 8n + 1n + tip, maxPriorityFeePerGas: tip };
}

/** An eighth more of both, which every node takes for a replacement (geth wants a tenth). */
export function raised({ maxFeePerGas, maxPriorityFeePerGas }: Fees): Fees {
  const more = (value: bigint): bigint => value + value / 8n + 1n;
  return { maxFeePerGas: more(maxFeePerGas), maxPriorityFeePerGas: more(maxPriorityFeePerGas) };
}
