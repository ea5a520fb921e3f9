/** The market on the local chain: where everything is. Written when the chain's image is made, read by whoever trades there. */
import { z } from "zod";

const address = z.templateLiteral(["0x", z.string().regex(/^[0-9a-fA-F]{40}$/)], { error: "an address, 0x and 40 hexadecimal digits" });
const word = z.templateLiteral(["0x", z.string().regex(/^[0-9a-f]{64}$/)], { error: "32 bytes, 0x and 64 hexadecimal digits" });
const pair = { address, token0: address, token1: address };
/** Millionths: 3000 is 0.3 %. */
const feePpm = z.int().min(0).max(999_999);

const Token = z.strictObject({
  address, symbol: z.string(), decimals: z.int().min(0).max(255),
  /** Worth when the market was made, around which the trader lets it wander. */
  startPriceUsd: z.number().positive(),
});

/** One factory with its router; every pool takes the same fee. */
const UniswapV2Dex = z.strictObject({
  name: z.string(), factory: address, router: address, feePpm,
  /** Hash of the pairs' creation code: with the factory it gives a pair's address without asking (CREATE2). */
  initCodeHash: word,
  pools: z.array(z.strictObject(pair)),
});

const UniswapV3Dex = z.strictObject({
  factory: address, positionManager: address, swapRouter: address,
  /** QuoterV2, which simulates a swap on the pool itself. */
  quoter: address,
  /** Reads the initialised ticks of a word of a pool's bitmap. */
  tickLens: address,
  pools: z.array(z.strictObject({ ...pair, feePpm, tickSpacing: z.int().positive() })),
});

export const MarketBook = z.strictObject({
  schemaVersion: z.literal(1),
  chainId: z.int().positive(),
  /** Depths and prices were drawn with it. */
  seed: z.string(),
  /** Last block of the market's making: events from here on are trade. */
  block: z.int().nonnegative(),
  accounts: z.strictObject({
    /** Made the market and holds the pools' shares. */
    deployer: address,
    /** The only one whom the executor obeys. */
    executorOwner: address,
    /** Moves prices: it holds every token, and the routers may spend them. */
    trader: address,
  }),
  /** WETH first. */
  tokens: z.array(Token),
  uniswapV2: z.array(UniswapV2Dex),
  uniswapV3: UniswapV3Dex,
  aaveV3: z.strictObject({
    addressesProvider: address, pool: address,
    /** FLASHLOAN_PREMIUM_TOTAL, in basis points; rounded half up (core 1.19.3). */
    premiumBps: z.int().min(0).max(10_000),
    assets: z.array(address),
  }),
  balancerV2: z.strictObject({ vault: address, poolId: word, assets: z.array(address) }),
  multicall3: address,
  executor: address,
});
export type MarketBook = z.output<typeof MarketBook>;

/** The token at an address. @throws {Error} when the market has none such */
export function tokenAt(book: MarketBook, at: string): MarketBook["tokens"][number] {
  const token = book.tokens.find((candidate) => candidate.address.toLowerCase() === at.toLowerCase());
  if (!token) throw new Error(`The market has no token at ${at}: it has ${book.tokens.map(({ symbol, address: known }) => `${symbol} ${known}`).join(", ")}.`);
  return token;
}
