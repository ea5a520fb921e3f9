/** What tokens and gas are worth at a block. Pure, and without memory: any block's worth can be computed alone. */
import { draw } from "../../contract/seeded-draw.ts";

/** Waves of different lengths, in blocks, and how far each carries, as a share of the price. */
const WAVES = [{ blocks: 240, reach: 0.02 }, { blocks: 48, reach: 0.01 }, { blocks: 12, reach: 0.004 }] as const;

/** Smooth between the values drawn at multiples of `length`: 3t² − 2t³ has no slope at either end. */
function wave(seed: string, label: string, block: number, length: number): number {
  const index = Math.floor(block / length);
  const t = block / length - index;
  const at = (i: number): number => draw(seed, `${label} ${length} ${i}`) * 2 - 1;
  return at(index) + (at(index + 1) - at(index)) * t * t * (3 - 2 * t);
}

/** Tokens tied to the dollar, which stay there. */
const PEGGED_REACH = 0.02;

/**
 * @param startPriceUsd what it was worth when the market was made; 1 makes it a pegged token
 * @returns US dollars; within 3.4 % of the start
 */
export function fairPrice(seed: string, symbol: string, startPriceUsd: number, block: number): number {
  const drift = WAVES.reduce((sum, { blocks, reach }) => sum + reach * wave(seed, `worth of ${symbol}`, block, blocks), 0);
  return startPriceUsd * (1 + drift * (startPriceUsd === 1 ? PEGGED_REACH : 1));
}

/** Lowest and highest base fee, in gwei; and the length of its waves, in blocks. */
const BASE_FEE = { least: 1, most: 25, blocks: 90 };

/** Of the block after `block`, in wei: on a chain that is never half full it would fall to nothing. */
export function baseFeeWei(seed: string, block: number): bigint {
  const share = (wave(seed, "base fee", block, BASE_FEE.blocks) + 1) / 2;
  // Squared: mostly low, at times high.
  return BigInt(Math.round((BASE_FEE.least + (BASE_FEE.most - BASE_FEE.least) * share * share) * 1e9));
}
