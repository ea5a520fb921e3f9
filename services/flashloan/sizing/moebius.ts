/**
 * The best size of a cycle in closed form, in doubles.
 *
 * A swap on constant product is the Moebius map y = K·x / (1 + L·x), and so is a chain of swaps; its profit
 * K·x/(1 + L·x) − q·x, where q = 1 + premium, is greatest at x = (√(K/q) − 1)/L and there is (√K − √q)²/L. A chain earns
 * something if and only if K > q. (The readme of ccyanxyz/uniswap-arbitrage-analysis derives the same by virtual pools.)
 *
 * On V3 each leg is one such map per range, moved by what the ranges before took and gave, and the chain is concave
 * piecewise: its best piece is found by walking in one direction. Counting pieces from the front and stopping at a fixed
 * number would overrate pools of fine spacing.
 */
import type { Market } from "../market/market.ts";
import type { RangePiece } from "../market/range-curve.ts";

export interface Sized {
  /** Of the base token's smallest unit. */
  amountIn: number;
  profit: number;
}

/** Best size over the pieces of every leg; null where the first unit already loses. */
export function sizePiecewise(market: Market, hops: ArrayLike<number>, from: number, to: number, q: number): Sized | null {
  const length = to - from;
  const pieces = Array.from({ length }, (_, leg) => pieceOf(market, hops[from + leg]!, 0));
  const places = new Int32Array(length);
  for (let started = 0; ;) {
    const { a, b, c, d, end, ender } = compose(pieces, started);
    const determinant = a * d - b * c;
    if (!(determinant > 0)) return null;
    // Where the slope determinant/(c·x + d)² has come down to q.
    const best = (Math.sqrt(determinant / q) - d) / c;
    const next = best > end ? pieceOf(market, hops[from + ender]!, ++places[ender]!) : null;
    if (next) {
      pieces[ender] = next;
      started = end;
      continue;
    }
    // Behind a gap in the liquidity the slope may have fallen below q at once; behind the last range there is nothing.
    const amountIn = Math.min(Math.max(best, started), end);
    const profit = (a * amountIn + b) / (c * amountIn + d) - q * amountIn;
    return amountIn > 0 && profit > 0 ? { amountIn, profit } : null;
  }
}

/** A V2 pool is one piece without end. */
function pieceOf(market: Market, hop: number, at: number): RangePiece | null {
  if (market.ranged[hop >> 1] === 1) return market.rangeCurve(hop).piece(at) ?? null;
  return at === 0 ? { x0: 0, y0: 0, price: market.curve[2 * hop]!, depth: market.curve[2 * hop + 1]!, end: Infinity } : null;
}

interface Composed { a: number; b: number; c: number; d: number; end: number; ender: number }

/** The chain as (a·x + b)/(c·x + d), and the input at which the first leg leaves its piece. */
function compose(pieces: readonly (RangePiece | null)[], started: number): Composed {
  let [a, b, c, d, end, ender] = [1, 0, 0, 1, Infinity, 0];
  for (let leg = 0; leg < pieces.length; leg++) {
    const piece = pieces[leg]!;
    if (piece === null) return { a: 0, b: 0, c: 1, d: 1, end: 0, ender };
    if (piece.end !== Infinity) {
      const rest = a - c * piece.end;
      // The legs before never give as much where the rest is not positive.
      const reached = rest > 0 ? (d * piece.end - b) / rest : Infinity;
      if (reached < end) [end, ender] = [Math.max(reached, started), leg];
    }
    const shift = 1 - piece.depth * piece.x0;
    const p = piece.y0 * piece.depth + piece.price;
    const s = piece.y0 * shift - piece.price * piece.x0;
    [a, b, c, d] = [p * a + s * c, p * b + s * d, piece.depth * a + shift * c, piece.depth * b + shift * d];
    const scale = 1 / d;
    if (scale > 0 && scale < Infinity) [a, b, c, d] = [a * scale, b * scale, c * scale, 1];
  }
  return { a, b, c, d, end, ender };
}
