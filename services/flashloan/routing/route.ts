/**
 * Optimal routing over all pools at once, by the dual: the second opinion to the search by cycles, and independent of it.
 *
 * Each token gets a price ν. At given prices every pool is arbitraged on its own; what that earns, summed up, bounds what
 * any trade over all of them can be worth, and the least such bound is the optimum (Diamandis, Resnick, Chitra, Angeris:
 * "An Efficient Algorithm for Optimal Routing Through Constant Function Market Makers", FC 2023, arXiv 2302.04938; problem:
 * Angeris et al., arXiv 2204.05238). It splits over parallel pools and overlapping cycles, which no single cycle does. It
 * knows neither integers nor gas: `bound` says what cannot be beaten, not what to send.
 */
import type { Market } from "../market/market.ts";
import { demand } from "../refusal.ts";
import { edgesOf, flowOf, type Edges } from "./edges.ts";
import { minimise } from "./projected-lbfgs.ts";

export interface Objective {
  /** What a smallest unit of a token is worth that is left in the end; others are worth nothing. By address. */
  readonly worth: ReadonlyMap<string, number>;
  /** Amounts that may be spent; nothing for an arbitrage. By address. */
  readonly brings?: ReadonlyMap<string, number>;
}

export interface RouteOptions {
  /** Value of the tokens left over or missing, as a share of the bound, at which the prices are good enough. */
  precision?: number;
  mostIterations?: number;
}

export interface Flow {
  /** Of the market. */
  readonly hop: number;
  readonly amountIn: number;
  readonly amountOut: number;
}

export interface Route {
  /** No trade over these pools leaves more worth than this, whatever the prices' precision (weak duality). */
  readonly bound: number;
  /** Worth of what the flows leave. */
  readonly value: number;
  /** Value, at the prices found, of tokens that the flows take but do not have: within the precision. */
  readonly shortage: number;
  readonly flows: readonly Flow[];
  /** What is left of each token, by its place in the market. */
  readonly left: Float64Array;
  readonly prices: Float64Array;
  readonly iterations: number;
  readonly evaluations: number;
  readonly converged: boolean;
}

/** @throws {Refusal} `invalid_objective` for worths or amounts below 0, or none above; `unknown_token` */
export function optimalRoute(market: Market, { worth, brings = new Map() }: Objective, { precision = 1e-6, mostIterations = 1_000 }: RouteOptions = {}): Route {
  const n = market.tokens.length;
  const [wanted, brought] = [placed(market, worth, "worth"), placed(market, brings, "amount")];
  demand(wanted.some((value) => value > 0), "invalid_objective", () => "no token is worth anything: name at least one with a worth above 0");
  const first = firstRoots(market, wanted);
  const edges = edgesOf(market, (token) => first[token]! > 0);
  const scale = evened(edges, first);
  const scaled = scaledBy(edges, scale);

  // Prices begin at the first estimate, and nothing falls below its own worth.
  const start = first.map((root, token) => (root > 0 ? root / scale[token]! : 1));
  const least = leastRoots(edges, start);
  const lower = start.map((t, token) => (first[token]! > 0 ? Math.max(least[token]!, Math.sqrt(wanted[token]!) / scale[token]!) : t));
  const spent = brought.map((amount, token) => amount * scale[token]! ** 2);
  const value = dualOf(scaled, spent);
  const found = minimise(value, start, lower, {
    mostIterations,
    // t·∂g/∂t is twice the value of what is left over or missing. What is missing counts at its first price where the present
    // one is lower: it has to rise, and near 0 any shortage would look small.
    done: (t, gradient, bound) => {
      let imbalance = 0;
      for (let token = 0; token < n; token++) {
        if (gradient[token]! < 0) imbalance -= gradient[token]! * Math.max(t[token]!, start[token]! ** 2 / Math.max(t[token]!, Number.MIN_VALUE));
        else if (t[token]! > lower[token]!) imbalance += gradient[token]! * t[token]!;
      }
      return imbalance <= 2 * precision * bound || bound === 0;
    },
  });

  const roots = found.x.map((t, token) => t * scale[token]!);
  const left = brought.slice();
  const flows: Flow[] = [];
  for (let at = 0; at < edges.count; at++) {
    const flow = flowOf(edges, at, roots[edges.from[at]!]!, roots[edges.to[at]!]!);
    if (flow === null) continue;
    flows.push({ hop: edges.hop[at]!, ...flow });
    left[edges.from[at]!]! -= flow.amountIn;
    left[edges.to[at]!]! += flow.amountOut;
  }
  const prices = roots.map((root) => root * root);
  return {
    bound: found.value, flows, left, prices,
    value: left.reduce((sum, amount, token) => sum + amount * wanted[token]!, 0),
    shortage: left.reduce((sum, amount, token) => sum + Math.max(0, -amount) * prices[token]!, 0),
    iterations: found.iterations, evaluations: found.evaluations, converged: found.converged,
  };
}

function placed(market: Market, amounts: ReadonlyMap<string, number>, what: string): Float64Array {
  const values = new Float64Array(market.tokens.length);
  for (const [address, amount] of amounts) {
    demand(amount >= 0 && amount < Infinity, "invalid_objective", () => `${what} ${amount} of token ${address}: a finite number, not below 0`);
    values[market.tokenPlace(address)] = amount;
  }
  return values;
}

/**
 * √ν to begin with: from tokens that are worth something outwards, over the pool with most value at each step; 0 where no
 * pool leads.
 */
function firstRoots(market: Market, wanted: Float64Array): Float64Array {
  const prices = wanted.slice();
  const depth = new Float64Array(prices.length);
  let reached = [...prices.keys()].filter((token) => prices[token]! > 0);
  while (reached.length > 0) {
    const next = new Set<number>();
    for (const token of reached) {
      for (let at = market.hopsStart[token]!; at < market.hopsStart[token + 1]!; at++) {
        const hop = market.hops[at]!;
        const other = market.tokenIn[hop ^ 1]!;
        // Where nothing goes through in this direction, the other one has a price too.
        const open = market.curve[2 * hop]! > 0 ? hop : hop ^ 1;
        const [price, slope] = [market.curve[2 * open]!, market.curve[2 * open + 1]!];
        const worth = open === hop ? prices[token]! / price : prices[token]! * price;
        const value = (open === hop ? prices[token]! : worth) / slope;
        if (!(price > 0) || (prices[other]! > 0 && !next.has(other)) || !(value > depth[other]!)) continue;
        [prices[other], depth[other]] = [worth, value];
        next.add(other);
      }
    }
    reached = [...next];
  }
  return prices.map(Math.sqrt);
}

/**
 * Prices of tokens that are left over fall to 0. Not so where a range of a V3 pool can be used to its end: there the slope in
 * √ν is 0 at 0 though more is wanted, and a small price has to do.
 */
function leastRoots(edges: Edges, start: Float64Array): Float64Array {
  const least = new Float64Array(start.length);
  for (let at = 0; at < edges.count; at++) {
    if (edges.endOut[at] === 0) continue;
    for (const token of [edges.from[at]!, edges.to[at]!]) least[token] = 1e-4 * start[token]!;
  }
  return least;
}

/**
 * Units in which every variable's curvature is near 1, thin tokens and thick ones alike, if all pools were used, V3 pools in
 * their first range.
 */
function evened(edges: Edges, first: Float64Array): Float64Array {
  const curvature = new Float64Array(first.length);
  for (let at = 0; at < edges.count; at++) {
    if (at > 0 && edges.hop[at] === edges.hop[at - 1]) continue;
    curvature[edges.from[at]!]! += edges.rootIn[at]! ** 2 * edges.perKeep[at]!;
    curvature[edges.to[at]!]! += edges.rootOut[at]! ** 2 * edges.perKeep[at]!;
  }
  return first.map((root, token) => (curvature[token]! > 0 ? 1 / Math.sqrt(curvature[token]!) : root));
}

/** The same edges for variables t = s / scale. */
function scaledBy(edges: Edges, scale: Float64Array): Edges {
  const times = (roots: Float64Array, tokens: Int32Array): Float64Array => {
    const scaled = new Float64Array(roots.length);
    for (let at = 0; at < roots.length; at++) scaled[at] = roots[at]! * scale[tokens[at]!]!;
    return scaled;
  };
  return { ...edges, rootIn: times(edges.rootIn, edges.from), rootOut: times(edges.rootOut, edges.to), endIn: times(edges.endIn, edges.from), endOut: times(edges.endOut, edges.to) };
}

/** g(t) = Σ brought·ν + Σ what each edge earns at ν = t², and its gradient. */
function dualOf({ count, from, to, rootIn, rootOut, endIn, endOut, perKeep }: Edges, brought: Float64Array) {
  return (t: Float64Array, gradient: Float64Array): number => {
    let sum = 0;
    for (let token = 0; token < t.length; token++) {
      sum += brought[token]! * t[token]! * t[token]!;
      gradient[token] = 2 * brought[token]! * t[token]!;
    }
    for (let at = 0; at < count; at++) {
      const [a, b] = [from[at]!, to[at]!];
      const margin = rootOut[at]! * t[b]! - rootIn[at]! * t[a]!;
      if (!(margin > 0)) continue;
      const [lastIn, lastOut] = [endIn[at]!, endOut[at]!];
      if (lastOut > 0 && lastOut * t[b]! >= lastIn * t[a]!) {
        // Used to its end: the amounts are constants.
        const takes = (lastIn * lastIn - rootIn[at]! * rootIn[at]!) * perKeep[at]!;
        const gives = (rootOut[at]! * rootOut[at]! - lastOut * lastOut) * perKeep[at]!;
        sum += gives * t[b]! * t[b]! - takes * t[a]! * t[a]!;
        gradient[b]! += 2 * gives * t[b]!;
        gradient[a]! -= 2 * takes * t[a]!;
        continue;
      }
      const slope = 2 * margin * perKeep[at]!;
      sum += margin * margin * perKeep[at]!;
      gradient[b]! += slope * rootOut[at]!;
      gradient[a]! -= slope * rootIn[at]!;
    }
    return sum;
  };
}
