/** Pools and tokens as the market's servers show them. */
import { z } from "zod";
import type { MarketBook } from "../../../../contract/market.ts";
import type { Pool } from "../../../flashloan/pools/pool.ts";
import type { Token } from "../../../flashloan/pools/token.ts";

export const TokenView = z.object({ address: z.string().describe("Lower case."), symbol: z.string(), decimals: z.int() });
export const PoolView = z.object({
  pool: z.string().describe("Address, lower case."),
  kind: z.enum(["uniswap-v2", "uniswap-v3"]),
  exchange: z.string().describe("Name of the exchange in the market's address book."),
  token0: TokenView,
  token1: TokenView,
  feePpm: z.int().describe("Fee of a swap, in millionths: 3000 is 0.3 %."),
  priceOf0In1: z.number().describe("Units of token 1 for one of token 0 at no size, before the fee, in whole tokens; a double, for people."),
});

export const tokenView = ({ address, symbol = "", decimals }: Token): z.input<typeof TokenView> => ({ address, symbol, decimals });

export function poolView(book: MarketBook, pool: Pool): z.input<typeof PoolView> {
  return {
    pool: pool.id, kind: pool.kind === "v2" ? "uniswap-v2" : "uniswap-v3", exchange: exchangeOf(book, pool.id), token0: tokenView(pool.token0),
    token1: tokenView(pool.token1), feePpm: pool.feePips, priceOf0In1: priceOf0In1(pool),
  };
}

const V3_EXCHANGE = "uniswap-v3";

function exchangeOf(book: MarketBook, id: string): string {
  return book.uniswapV2.find(({ pools }) => pools.some(({ address }) => address.toLowerCase() === id))?.name ?? V3_EXCHANGE;
}

/** In whole tokens. */
export function priceOf0In1(pool: Pool): number {
  const ratio = pool.kind === "v2" ? Number(pool.reserve1) / Number(pool.reserve0) : (Number(pool.sqrtPriceX96) / 2 ** 96) ** 2;
  return ratio * 10 ** (pool.token0.decimals - pool.token1.decimals);
}
