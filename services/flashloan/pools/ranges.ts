/** The ranges of liquidity that a swap on a V3 pool walks through. */
import type { Concentrated } from "../amm/concentrated.ts";
import { countUpTo } from "../amm/tick-table.ts";

export interface Range {
  readonly liquidity: bigint;
  /** √P in Q64.96 at which the swap enters and leaves; falling where token 0 goes in. */
  readonly enter: bigint;
  readonly leave: bigint;
}

/** From the current price on, in the direction of the swap; ranges without liquidity or width are left out. */
export function* rangesOf({ ticks, tick, sqrtPriceX96, liquidity }: Concentrated, zeroForOne: boolean): Generator<Range, undefined> {
  const step = zeroForOne ? -1 : 1;
  let [enter, inRange] = [sqrtPriceX96, liquidity];
  for (let at = countUpTo(ticks, tick) - (zeroForOne ? 1 : 0); at >= 0 && at < ticks.index.length; at += step) {
    const leave = ticks.sqrtRatioX96[at]!;
    if (inRange > 0n && leave !== enter) yield { liquidity: inRange, enter, leave };
    enter = leave;
    inRange += zeroForOne ? -ticks.liquidityNet[at]! : ticks.liquidityNet[at]!;
  }
  return undefined;
}
