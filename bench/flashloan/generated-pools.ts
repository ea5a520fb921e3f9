/** Markets that a seed makes, in the shapes that are measured. Pure. */
import { pairPool, type PairPool } from "../../services/flashloan/pools/pool.ts";
import { token, type Token } from "../../services/flashloan/pools/token.ts";

const tokenNumber = (n: number, decimals = 18): Token => token(`0x${(n + 1).toString(16).padStart(40, "0")}`, decimals);
const poolNumber = (n: number): string => `0xf${n.toString(16).padStart(39, "0")}`;

/** Amounts in the smallest unit; a reserve of nothing becomes one unit. */
const units = (amount: number): bigint => { const whole = BigInt(Math.round(amount)); return whole > 0n ? whole : 1n; };

/** A pool between two tokens given by number, reserves in their order. */
function pool(place: number, tokens: readonly Token[], a: number, b: number, reserveA: number, reserveB: number, feePips: number): PairPool {
  const [first, second, reserve0, reserve1] = a < b ? [a, b, reserveA, reserveB] : [b, a, reserveB, reserveA];
  return pairPool({ id: poolNumber(place), token0: tokens[first]!, token1: tokens[second]!, feePips, reserve0: units(reserve0), reserve1: units(reserve1) });
}

const normal = (random: () => number): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/**
 * The shape of Uniswap V2 and Sushi in October 2020: 10 839 pools and 9 142 tokens, nearly all against WETH (token 0), some
 * hubs that are traded against much else, depths that spread over ten orders of magnitude, prices that lie apart as arbitrage
 * has left them.
 */
export function shapedAsUniswap(random: () => number, pools = 10_839, tokens = 9_142): PairPool[] {
  const HUBS = 6;
  const known = Array.from({ length: tokens }, (_, n) => tokenNumber(n, n > 0 && n < 3 ? 6 : 18));
  /** WETH a whole token. */
  const prices = known.map((_, n) => (n === 0 ? 1 : Math.exp(2 * normal(random) - 5)));
  const made: PairPool[] = [];
  const add = (a: number, b: number, depth: number): void => {
    const skew = Math.exp(0.004 * normal(random));
    const reserve = (n: number, factor: number) => (depth / prices[n]!) * factor * 10 ** known[n]!.decimals;
    made.push(pool(made.length, known, a, b, reserve(a, skew), reserve(b, 1 / skew), 3_000));
  };
  const depth = (mean: number, spread: number) => Math.min(2e5, Math.exp(mean + spread * normal(random)));
  for (let n = 1; n < tokens; n++) add(n, n <= HUBS || random() < 0.86 ? 0 : 1 + Math.floor(random() * HUBS), n <= HUBS ? depth(10, 1) : depth(-1, 4));
  while (made.length < pools) {
    // The rest doubles: popular tokens against the hubs and each other.
    const a = 1 + Math.floor((tokens - 1) * random() ** 2);
    const b = random() < 0.7 ? Math.floor(random() * (HUBS + 1)) : 1 + Math.floor((tokens - 1) * random() ** 3);
    if (a !== b) add(a, b, depth(0, 3));
  }
  return made;
}

/** DeFiPoser's shape: 25 assets, 96 pools, connected, with random fees and prices a few percent apart. */
export function shapedAsDeFiPoser(random: () => number, pools = 96, tokens = 25): PairPool[] {
  const known = Array.from({ length: tokens }, (_, n) => tokenNumber(n));
  const prices = known.map(() => Math.exp(normal(random)));
  return Array.from({ length: pools }, (_, place) => {
    const a = place < tokens - 1 ? place + 1 : Math.floor(random() * tokens);
    const b = place < tokens - 1 ? Math.floor(random() * (place + 1)) : (a + 1 + Math.floor(random() * (tokens - 1))) % tokens;
    const depth = 1e20 * Math.exp(2 * normal(random));
    return pool(place, known, a, b, (depth / prices[a]!) * Math.exp(0.01 * normal(random)), depth / prices[b]!, [500, 1_000, 2_500, 3_000][Math.floor(random() * 4)]!);
  });
}

/**
 * CFMMRouter.jl, benchmark/scaling.jl: m pools between two random ones of n = factor·√m tokens, reserves uniform up to 1000,
 * a fee of 0.3 % or none. Reserves are in 2^-40 of its unit, since ours are whole.
 */
export function shapedAsRouter(random: () => number, pools: number, factor = 2): { pools: PairPool[]; worth: Map<string, number> } {
  const known = Array.from({ length: Math.round(factor * Math.sqrt(pools)) }, (_, n) => tokenNumber(n));
  const made = Array.from({ length: pools }, (_, place) => {
    const a = Math.floor(random() * known.length);
    const b = (a + 1 + Math.floor(random() * (known.length - 1))) % known.length;
    const reserve = () => 1_000 * 2 ** 40 * random();
    return pool(place, known, a, b, reserve(), reserve(), random() < 0.5 ? 3_000 : 0);
  });
  const traded = new Set(made.flatMap(({ token0, token1 }) => [token0.address, token1.address]));
  return { pools: made, worth: new Map(known.filter(({ address }) => traded.has(address)).map(({ address }) => [address, random()])) };
}
