/**
 * The pools of a market as the router sees them: for each direction, and for each range of a V3 pool, one constant product
 * that may be used as far as it reaches.
 *
 * At token prices ν an edge earns most by trading until its marginal price, fee included, meets theirs. With s = √ν and
 * reserves Rin, Rout that is (√(γ·Rout)·s_out − √Rin·s_in)²₊ / γ: convex and quadratic in s where in ν it has roots, so that
 * nothing but products is left in the inner loop. (The subproblem: Diamandis et al., arXiv 2302.04938, §3 and app. A;
 * the substitution is ours. It keeps stationary points, since s grows with ν.)
 */
import type { Market } from "../market/market.ts";

export interface Edges {
  readonly count: number;
  /** Hop of the market that the edge is part of. */
  readonly hop: Int32Array;
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** √Rin and √(γ·Rout) where the edge begins. */
  readonly rootIn: Float64Array;
  readonly rootOut: Float64Array;
  /** The same two where it ends; rootOut is 0 for an edge without end. */
  readonly endIn: Float64Array;
  readonly endOut: Float64Array;
  /** 1/γ, where γ is what the fee leaves. */
  readonly perKeep: Float64Array;
}

/** Edges of all hops whose tokens count. */
export function edgesOf(market: Market, counts: (token: number) => boolean): Edges {
  const rows: { hop: number; keep: number; rin: number; rout: number; endIn: number; endOut: number }[] = [];
  for (let hop = 0; hop < market.tokenIn.length; hop++) {
    if (!counts(market.tokenIn[hop]!) || !counts(market.tokenIn[hop ^ 1]!)) continue;
    const keep = 1 - market.pools[hop >> 1]!.feePips / 1e6;
    if (market.ranged[hop >> 1] === 0) {
      const depth = market.curve[2 * hop + 1]!;
      rows.push({ hop, keep, rin: keep / depth, rout: market.curve[2 * hop]! / depth, endIn: 1, endOut: 0 });
      continue;
    }
    const curve = market.rangeCurve(hop);
    for (let at = 0, piece = curve.piece(0); piece; piece = curve.piece(++at)) {
      const [rin, rout] = [keep / piece.depth, piece.price / piece.depth];
      const endIn = rin + keep * (piece.end - piece.x0);
      // Along the range the product of the reserves stays.
      rows.push({ hop, keep, rin, rout, endIn, endOut: (rin * rout) / endIn });
    }
  }
  const column = (of: (row: (typeof rows)[number]) => number): Float64Array => Float64Array.from(rows, of);
  return {
    count: rows.length,
    hop: Int32Array.from(rows, ({ hop }) => hop),
    from: Int32Array.from(rows, ({ hop }) => market.tokenIn[hop]!),
    to: Int32Array.from(rows, ({ hop }) => market.tokenIn[hop ^ 1]!),
    rootIn: column(({ rin }) => Math.sqrt(rin)), rootOut: column(({ keep, rout }) => Math.sqrt(keep * rout)),
    endIn: column(({ endIn }) => Math.sqrt(endIn)), endOut: column(({ keep, endOut }) => Math.sqrt(keep * endOut)),
    perKeep: column(({ keep }) => 1 / keep),
  };
}

/** What edge `at` takes and gives at the root prices `s` of its tokens; nothing where it would lose. */
export function flowOf(edges: Edges, at: number, sFrom: number, sTo: number): { amountIn: number; amountOut: number } | null {
  const [rootIn, rootOut, perKeep] = [edges.rootIn[at]!, edges.rootOut[at]!, edges.perKeep[at]!];
  if (rootOut * sTo <= rootIn * sFrom) return null;
  const [endIn, endOut] = [edges.endIn[at]!, edges.endOut[at]!];
  if (endOut > 0 && endOut * sTo >= endIn * sFrom) {
    return { amountIn: (endIn * endIn - rootIn * rootIn) * perKeep, amountOut: (rootOut * rootOut - endOut * endOut) * perKeep };
  }
  // Rin' = √(Rin·γ·Rout·ν_out/ν_in), Rout' = Rin·Rout/Rin'.
  const ratio = sTo / sFrom;
  return { amountIn: (rootIn * rootOut * ratio - rootIn * rootIn) * perKeep, amountOut: (rootOut * rootOut - (rootIn * rootOut) / ratio) * perKeep };
}
