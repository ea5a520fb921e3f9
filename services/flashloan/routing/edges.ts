/**
 * The pools of a market as the router sees them: for each direction, and for each range of a V3 pool, one constant product
 * that may be used as far as it reaches.
 *
 * At token prices ν an edge earns most by trading until its marginal price, fee included, meets theirs. With s = √ν and
 * reserves Rin, Rout that is (√(γ·Rout)·s_out − √Rin·s_in)²₊ / γ: convex and quadratic in s where in ν it has roots, so that
 * nothing but products is left in the inner loop. (The subproblem: Diamandis et al., arXiv 2302.04938; the
 * substitution is ours. Above 0 it keeps stationary points, since s grows with ν; at 0 see `leastRoots`.)
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

/** Edges of all hops whose tokens count. Written straight into arrays: with 10 000 pools, objects would take longer than the optimum. */
export function edgesOf(market: Market, counts: (token: number) => boolean): Edges {
  const counted = (hop: number): boolean => counts(market.tokenIn[hop]!) && counts(market.tokenIn[hop ^ 1]!);
  let most = 0;
  for (let hop = 0; hop < market.tokenIn.length; hop++) if (counted(hop)) most += market.ranged[hop >> 1] === 1 ? market.rangeCurve(hop).length : 1;
  const integers = () => new Int32Array(most);
  const doubles = () => new Float64Array(most);
  const edges = { count: most, hop: integers(), from: integers(), to: integers(), rootIn: doubles(), rootOut: doubles(), endIn: doubles(), endOut: doubles(), perKeep: doubles() };
  let at = 0;
  const add = (hop: number, keep: number, rin: number, rout: number, endIn: number, endOut: number): void => {
    edges.hop[at] = hop;
    edges.from[at] = market.tokenIn[hop]!;
    edges.to[at] = market.tokenIn[hop ^ 1]!;
    edges.rootIn[at] = Math.sqrt(rin);
    edges.rootOut[at] = Math.sqrt(keep * rout);
    edges.endIn[at] = Math.sqrt(endIn);
    edges.endOut[at] = Math.sqrt(keep * endOut);
    edges.perKeep[at++] = 1 / keep;
  };
  for (let hop = 0; hop < market.tokenIn.length; hop++) {
    if (!counted(hop)) continue;
    const keep = 1 - market.pools[hop >> 1]!.feePips / 1e6;
    if (market.ranged[hop >> 1] === 0) {
      const depth = market.curve[2 * hop + 1]!;
      add(hop, keep, keep / depth, market.curve[2 * hop]! / depth, 1, 0);
      continue;
    }
    const curve = market.rangeCurve(hop);
    for (let place = 0; place < curve.length; place++) {
      const piece = curve.piece(place)!;
      const [rin, rout] = [keep / piece.depth, piece.price / piece.depth];
      const endIn = rin + keep * (piece.end - piece.x0);
      // Along the range the product of the reserves stays.
      add(hop, keep, rin, rout, endIn, (rin * rout) / endIn);
    }
  }
  return edges;
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
