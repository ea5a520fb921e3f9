/** What the market on the local chain consists of. Pure: a seed in, amounts and prices out. */
import { draw } from "../../../../contract/seeded-draw.ts";

export interface TokenPlan {
  symbol: string;
  name: string;
  decimals: number;
  /** US dollars a token. */
  price: number;
}

/** WETH first: the others are made by one contract. */
export const TOKENS = [
  { symbol: "WETH", name: "Wrapped Ether", decimals: 18, price: 2_000 },
  { symbol: "USDC", name: "USD Coin", decimals: 6, price: 1 },
  { symbol: "USDT", name: "Tether USD", decimals: 6, price: 1 },
  { symbol: "WBTC", name: "Wrapped BTC", decimals: 8, price: 40_000 },
  { symbol: "DAI", name: "Dai Stablecoin", decimals: 18, price: 1 },
  { symbol: "LINK", name: "ChainLink Token", decimals: 18, price: 15 },
  { symbol: "UNI", name: "Uniswap", decimals: 18, price: 6 },
] as const satisfies readonly TokenPlan[];
export type Symbol = (typeof TOKENS)[number]["symbol"];

/** Two tokens and the worth of each side, in thousands of US dollars. */
type PoolRow = readonly [Symbol, Symbol, number];

/** Two factories with routers of their own, so that most pairs exist twice at prices of their own. */
export const V2_DEXES: Record<string, readonly PoolRow[]> = {
  "uniswap-v2-a": [
    ["WETH", "USDC", 4_000], ["WETH", "USDT", 2_500], ["WETH", "DAI", 2_000], ["WETH", "WBTC", 3_000], ["WETH", "LINK", 800],
    ["WETH", "UNI", 600], ["USDC", "USDT", 2_000], ["USDC", "DAI", 2_000], ["WBTC", "USDC", 1_000], ["LINK", "USDC", 400],
  ],
  "uniswap-v2-b": [
    ["WETH", "USDC", 3_000], ["WETH", "USDT", 1_500], ["WETH", "DAI", 1_000], ["WETH", "WBTC", 1_500], ["WETH", "LINK", 500],
    ["WETH", "UNI", 400], ["USDC", "DAI", 1_000], ["LINK", "UNI", 200], ["UNI", "USDC", 250],
  ],
};

/** Fee in millionths after the two tokens. */
export const V3_POOLS: readonly (readonly [Symbol, Symbol, number, number])[] = [
  ["WETH", "USDC", 500, 6_000], ["WETH", "USDC", 3_000, 4_000], ["WETH", "USDT", 500, 3_000], ["WETH", "DAI", 3_000, 1_500],
  ["WETH", "WBTC", 500, 2_000], ["WETH", "WBTC", 3_000, 3_000], ["WBTC", "USDC", 3_000, 1_000],
  ["USDC", "USDT", 100, 5_000], ["USDC", "DAI", 100, 3_000],
  ["WETH", "LINK", 3_000, 1_000], ["LINK", "USDC", 10_000, 200], ["WETH", "UNI", 3_000, 700], ["WETH", "UNI", 10_000, 300],
];

/** Ticks to either side of the price and the share of the pool's worth placed there; a tick is a hundredth of a per cent. Null: all prices. */
export type Range = readonly [halfWidth: number | null, share: number];
const RANGES: readonly Range[] = [[250, 0.4], [1_200, 0.35], [null, 0.25]];
/** Tokens of one worth keep within a few ticks of each other. */
const PEGGED_RANGES: readonly Range[] = [[5, 0.5], [40, 0.3], [null, 0.2]];

/** Thousands of US dollars that each lender holds of a token. */
export const AAVE_RESERVES: readonly (readonly [Symbol, number])[] =
  [["WETH", 40_000], ["USDC", 30_000], ["USDT", 20_000], ["DAI", 15_000], ["WBTC", 32_000], ["LINK", 6_000]];
export const BALANCER_POOL: readonly (readonly [Symbol, number])[] =
  [["WETH", 10_000], ["USDC", 10_000], ["USDT", 10_000], ["DAI", 10_000], ["WBTC", 10_000]];
/** Worth of what the trader has of each token, in thousands of US dollars. */
export const TRADER_HOLDS = 50_000;

/** Aave's usual one, in basis points. */
export const AAVE_PREMIUM_BPS = 5;
/** Uniswap V2's, in millionths: the pair's own check has 0.3 % in its code. */
export const V2_FEE_PPM = 3_000;

export const tokenPlan = (symbol: Symbol): TokenPlan => TOKENS.find((token) => token.symbol === symbol)!;

/** Smallest units of a token that are worth so many thousand US dollars. */
export function unitsWorth(symbol: Symbol, thousands: number): bigint {
  const { decimals, price } = tokenPlan(symbol);
  return BigInt(Math.round((thousands * 1_000 * 1e6) / price)) * 10n ** BigInt(decimals) / 1_000_000n;
}

/**
 * How far a pool's price starts from the market's, as a factor. At most a hundredth of a per cent: three of them together stay
 * below the cheapest cycle's fees (5 + 5 + 1 hundredths), so the market starts with nothing to be had.
 */
const startingNoise = (seed: string, pool: string): number => 1 + (draw(seed, `price ${pool}`) * 2 - 1) * 1e-4;
/** Depths differ by a tenth from the tables, so that no two markets are the same. */
const depthNoise = (seed: string, pool: string): number => 0.9 + draw(seed, `depth ${pool}`) * 0.2;

/** Both sides of a pool that starts with equal worth in each. */
export interface Deposit { a: Symbol; b: Symbol; amountA: bigint; amountB: bigint }

function deposit(seed: string, pool: string, [a, b, thousands]: PoolRow): Deposit {
  const worth = thousands * depthNoise(seed, pool);
  return { a, b, amountA: unitsWorth(a, worth), amountB: unitsWorth(b, worth * startingNoise(seed, pool)) };
}

export const v2Deposits = (seed: string, dex: string): Deposit[] =>
  V2_DEXES[dex]!.map((row) => deposit(seed, `${dex} ${row[0]}/${row[1]}`, row));

export interface V3Deposit extends Deposit { feePpm: number; ranges: readonly Range[] }

export const v3Deposits = (seed: string): V3Deposit[] => V3_POOLS.map(([a, b, feePpm, thousands]) => ({
  ...deposit(seed, `uniswap-v3 ${a}/${b} ${feePpm}`, [a, b, thousands]), feePpm, ranges: feePpm === 100 ? PEGGED_RANGES : RANGES,
}));
