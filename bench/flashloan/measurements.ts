/** What is measured on a market. Each function makes ready, then times the part that a limit is set for. */
import { enumerateCycles } from "../../services/flashloan/market/cycles.ts";
import { Market } from "../../services/flashloan/market/market.ts";
import { bestOpportunities, type Search } from "../../services/flashloan/opportunity.ts";
import type { PairPool } from "../../services/flashloan/pools/pool.ts";
import { optimalRoute } from "../../services/flashloan/routing/route.ts";
import { Scanner } from "../../services/flashloan/sizing/scanner.ts";
import { timed, type Timing } from "./timing.ts";

export interface Rounds { runs: number; warmUps: number }

/** Of a scan, as many are handed on to be sized in exact integers. */
const TRIED = 200;

/** Free loans without limit, in whatever base: the search is what is timed. */
function searchIn(base: string, most: number): Search {
  const available = { [base]: 1n << 112n };
  return {
    most, gasPrice: { weiPerGas: 0n, basePerWei: [1n, 1n] }, decimals: { least: 0, most: 30 },
    lenders: [{ kind: "balancer-v2", address: "0xba12222222228d8ba445958a75a0704d566bf2c8", feeFraction: 0n, available }],
  };
}

export interface Scanned {
  pools: number;
  tokens: number;
  cycles: number;
  bytes: number;
  enumerateMs: number;
  /** All cycles in doubles. */
  scan: Timing;
  /** And the best in exact integers, with their sizes. */
  full: Timing;
  found: number;
  exact: number;
  /** Sizes among them that are proven to be the best. */
  proven: number;
  /** New states of that many pools, their cycles solved again, the best in exact integers. */
  touched: (Timing & { pools: number; cycles: number })[];
}

/** @param floor least profit, in the base token's smallest unit */
export function measureScan(pools: readonly PairPool[], base: string, floor: number, best: number, random: () => number, rounds: Rounds): Scanned {
  const market = new Market(pools);
  const enumerated = performance.now();
  const cycles = enumerateCycles(market, [base]);
  const enumerateMs = performance.now() - enumerated;
  const [scanner, options, search] = [new Scanner(market, cycles), { floors: [floor], most: TRIED }, searchIn(base, best)];
  const scan = timed(() => { scanner.all(options); }, rounds);
  const full = timed(() => { bestOpportunities(market, cycles, scanner.all(options), search); }, rounds);
  const found = scanner.all({ floors: [floor] });
  const exact = bestOpportunities(market, cycles, scanner.all(options), search);
  const touched = [20, 100].map((count) => {
    const draw = () => Array.from({ length: count }, () => Math.floor(random() * market.pools.length));
    const drawn: number[][] = [];
    const timing = timed(() => {
      const places = draw();
      drawn.push(places);
      for (const place of places) {
        const pool = market.pools[place] as PairPool;
        market.update({ ...pool, reserve0: pool.reserve0 + (pool.reserve0 >> 10n) });
      }
      bestOpportunities(market, cycles, scanner.touched(places, options), search);
    }, rounds);
    const solved = drawn.reduce((sum, places) => sum + scanner.touchedCount(places), 0);
    return { ...timing, pools: count, cycles: Math.round(solved / drawn.length) };
  });
  return {
    pools: market.pools.length, tokens: market.tokens.length, cycles: cycles.count, bytes: cycles.bytes, enumerateMs, scan, full,
    found: found.length, exact: exact.length, proven: exact.filter(({ shortfall }) => shortfall === 0n).length, touched,
  };
}

/** From pools to opportunities, nothing kept: graph, cycles, scan, exact sizes of the best. */
export function measureFromNothing(pools: readonly PairPool[], base: string, floor: number, best: number, rounds: Rounds): Timing & { cycles: number; found: number } {
  let [count, found] = [0, 0];
  const timing = timed(() => {
    const market = new Market(pools);
    const cycles = enumerateCycles(market, [base]);
    count = cycles.count;
    found = bestOpportunities(market, cycles, new Scanner(market, cycles).all({ floors: [floor] }), searchIn(base, best)).length;
  }, rounds);
  return { ...timing, cycles: count, found };
}

export interface Routed extends Timing {
  pools: number;
  tokens: number;
  iterations: number;
  /** Of the bound, what the flows miss of it or take beyond what is there. */
  gap: number;
}

export function measureRoute(pools: readonly PairPool[], worth: ReadonlyMap<string, number>, rounds: Rounds): Routed {
  const market = new Market(pools);
  const timing = timed(() => { optimalRoute(market, { worth }); }, rounds);
  const { iterations, bound, value, shortage, converged } = optimalRoute(market, { worth });
  if (!converged) throw new Error(`optimal routing over ${pools.length} pools did not converge in ${iterations} iterations`);
  return { ...timing, pools: pools.length, tokens: market.tokens.length, iterations, gap: Math.max(Math.abs(bound - value), shortage) / bound };
}
