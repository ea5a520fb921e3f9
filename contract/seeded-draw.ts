/** Numbers that look drawn at random and follow from a seed and a label alone, so that nothing has to be remembered between draws. */
import { createHash } from "node:crypto";

/** Bits of a double's mantissa that are used. */
const BITS = 48;

/** @returns a number in [0, 1), the same for the same seed and label */
export function draw(seed: string, label: string): number {
  return createHash("sha256").update(`${seed}\n${label}`).digest().readUIntBE(0, BITS / 8) / 2 ** BITS;
}
