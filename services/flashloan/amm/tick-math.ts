/**
 * Ticks and square-root prices: tick i is the price 1.0001^i, kept as √P in Q64.96.
 *
 * Adams et al.: Uniswap v3 Core (2021), §6.1; TickMath.sol of v3-core 1.0.1, bit for bit.
 */
import { demand } from "../refusal.ts";
import { MAX_UINT256 } from "../integer.ts";

export const MIN_TICK = -887272;
export const MAX_TICK = 887272;
/** √P at MIN_TICK and MAX_TICK. A pool's price is at least the first and below the second. */
export const MIN_SQRT_RATIO = 4295128739n;
export const MAX_SQRT_RATIO = 1461446703485210103287273052203988822378723970342n;
export const Q96 = 1n << 96n;

/** 1.0001^(-2^i / 2) in Q128.128 for i = 0..19: the factors of the binary expansion of |tick|. */
const FACTORS = [
  0xfffcb933bd6fad37aa2d162d1a594001n, 0xfff97272373d413259a46990580e213an, 0xfff2e50f5f656932ef12357cf3c7fdccn, 0xffe5caca7e10e4e61c3624eaa0941cd0n,
  0xffcb9843d60f6159c9db58835c926644n, 0xff973b41fa98c081472e6896dfb254c0n, 0xff2ea16466c96a3843ec78b326b52861n, 0xfe5dee046a99a2a811c461f1969c3053n,
  0xfcbe86c7900a88aedcffc83b479aa3a4n, 0xf987a7253ac413176f2b074cf7815e54n, 0xf3392b0822b70005940c7a398e4b70f3n, 0xe7159475a2c29b7443b29c7fa6e889d9n,
  0xd097f3bdfd2022b8845ad8f792aa5825n, 0xa9f746462d870fdf8a65dc1f90e061e5n, 0x70d869a156d2a1b890bb3df62baf32f7n, 0x31be135f97d08fd981231505542fcfa6n,
  0x9aa508b5b7a84e1c677de54f3e99bc9n, 0x5d6af8dedb81196699c329225ee604n, 0x2216e584f5fa1ea926041bedfe98n, 0x48a170391f7dc42444e8fa2n,
];

/** `TickMath.getSqrtRatioAtTick`: √1.0001^tick in Q64.96, rounded up. @throws {Refusal} `invalid_price` outside ±887272 */
export function getSqrtRatioAtTick(tick: number): bigint {
  demand(Number.isInteger(tick) && tick >= MIN_TICK && tick <= MAX_TICK, "invalid_price", () => `tick ${tick}: a whole number from ${MIN_TICK} to ${MAX_TICK}`);
  const magnitude = Math.abs(tick);
  let ratio = (magnitude & 1) === 0 ? 1n << 128n : FACTORS[0]!;
  for (let bit = 1; bit < FACTORS.length; bit++) if (((magnitude >> bit) & 1) === 1) ratio = (ratio * FACTORS[bit]!) >> 128n;
  if (tick > 0) ratio = MAX_UINT256 / ratio;
  return (ratio >> 32n) + ((ratio & 0xffffffffn) === 0n ? 0n : 1n);
}

/**
 * `TickMath.getTickAtSqrtRatio`: the greatest tick whose ratio is at most this one. The contract takes a logarithm in fixed
 * point; here a double's logarithm tells the tick, and close to a border the exact ratios decide.
 *
 * @throws {Refusal} `invalid_price` outside [MIN_SQRT_RATIO, MAX_SQRT_RATIO)
 */
export function getTickAtSqrtRatio(sqrtRatioX96: bigint): number {
  demandSqrtRatio(sqrtRatioX96);
  const logarithm = (2 * Math.log(Number(sqrtRatioX96) / 2 ** 96)) / Math.log(1.0001);
  let tick = Math.max(MIN_TICK, Math.min(MAX_TICK - 1, Math.floor(logarithm)));
  // The double is off by 1e-9 ticks at most, and the rounding of the ratios themselves by 5e-6, at MIN_TICK.
  if (Math.abs(logarithm - tick - 0.5) < 0.4999) return tick;
  while (getSqrtRatioAtTick(tick) > sqrtRatioX96) tick--;
  while (tick < MAX_TICK && getSqrtRatioAtTick(tick + 1) <= sqrtRatioX96) tick++;
  return tick;
}

/** @throws {Refusal} `invalid_price` outside [MIN_SQRT_RATIO, MAX_SQRT_RATIO) */
export function demandSqrtRatio(sqrtRatioX96: bigint): void {
  demand(sqrtRatioX96 >= MIN_SQRT_RATIO && sqrtRatioX96 < MAX_SQRT_RATIO, "invalid_price",
    () => `a square-root price of ${sqrtRatioX96}: from ${MIN_SQRT_RATIO} to below ${MAX_SQRT_RATIO} (Q64.96); 0 is a pool that nobody initialised`);
}
