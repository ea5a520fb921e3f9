/** The whole market as it is at one block, read from the chain: what the trader starts with. */
import type { Address, Hex } from "viem";
import { parseAbi } from "viem/utils";
import type { MarketBook } from "../../../contract/market.ts";
import { pairPool } from "../../flashloan/pools/pool.ts";
import { token, type Token } from "../../flashloan/pools/token.ts";
import { MAX_TICK, MIN_TICK } from "../../flashloan/amm/tick-math.ts";
import { Refusal } from "../../flashloan/refusal.ts";
import type { Chain } from "../chain/chain.ts";
import { readViews, type View } from "../chain/multicall.ts";
import { trackedRange, type TrackedPool } from "./pool-events.ts";

export const POOL_ABI = parseAbi([
  "function getReserves() view returns (uint112 reserve0, uint112 reserve1, uint32 blockTimestampLast)",
  "function slot0() view returns (uint160 sqrtPriceX96, int24 tick, uint16, uint16, uint16, uint8, bool)",
  "function liquidity() view returns (uint128)",
  "function tickBitmap(int16) view returns (uint256)",
  "function ticks(int24) view returns (uint128 liquidityGross, int128 liquidityNet, uint256, uint256, int56, uint160, uint32, bool)",
]);

export const reservesOf = (address: Address): View => ({ address, abi: POOL_ABI, functionName: "getReserves" });
export const slotOf = (address: Address): View => ({ address, abi: POOL_ABI, functionName: "slot0" });
export const liquidityOf = (address: Address): View => ({ address, abi: POOL_ABI, functionName: "liquidity" });
export const tickOf = (address: Address, index: number): View => ({ address, abi: POOL_ABI, functionName: "ticks", args: [index] });

export interface ReadMarket {
  pools: TrackedPool[];
  /** Pools whose state cannot be traded on, and why. */
  refused: { pool: Address; reason: string }[];
}

type RangeEntry = MarketBook["uniswapV3"]["pools"][number];

/** @throws {ChainFault} */
export async function readMarket(chain: Chain, book: MarketBook, blockHash: Hex): Promise<ReadMarket> {
  const tokens = new Map(book.tokens.map(({ address, decimals, symbol }) => [address.toLowerCase(), token(address, decimals, symbol)] as const));
  const known = (address: Address): Token => tokens.get(address.toLowerCase())!;
  const pairs = book.uniswapV2.flatMap(({ pools, feePpm }) => pools.map((pool) => ({ ...pool, feePpm })));
  const ranges = book.uniswapV3.pools;
  const read = (views: readonly View[]): Promise<unknown[]> => readViews(chain, book.multicall3, blockHash, views);
  const [reserves, slots, liquidities, ticks] = await Promise.all([
    read(pairs.map(({ address }) => reservesOf(address))), read(ranges.map(({ address }) => slotOf(address))),
    read(ranges.map(({ address }) => liquidityOf(address))), readTicks(ranges, read),
  ]);
  const market: ReadMarket = { pools: [], refused: [] };
  const admit = (pool: Address, make: () => TrackedPool): void => {
    try {
      market.pools.push(make());
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      market.refused.push({ pool, reason: error.reason });
    }
  };
  pairs.forEach(({ address, token0, token1, feePpm }, at) => admit(address, () => {
    const [reserve0, reserve1] = reserves[at] as [bigint, bigint];
    return pairPool({ id: address, token0: known(token0), token1: known(token1), feePips: feePpm, reserve0, reserve1 });
  }));
  ranges.forEach(({ address, token0, token1, feePpm, tickSpacing }, at) => admit(address, () => {
    const [sqrtPriceX96, tick] = slots[at] as [bigint, number];
    const { nets, gross } = ticks[at]!;
    return trackedRange({ id: address, token0: known(token0), token1: known(token1), feePips: feePpm, tickSpacing, sqrtPriceX96, tick, liquidity: liquidities[at] as bigint }, nets, gross);
  }));
  return market;
}

interface Ticks { nets: Map<number, bigint>; gross: Map<number, bigint> }

/** Of each pool, by way of its whole bitmap. */
async function readTicks(pools: readonly RangeEntry[], read: (views: readonly View[]) => Promise<unknown[]>): Promise<Ticks[]> {
  const words = pools.flatMap((pool, place) => wordsOf(pool.tickSpacing).map((word) => ({ pool, place, word })));
  const bitmaps = await read(words.map(({ pool, word }) => ({ address: pool.address, abi: POOL_ABI, functionName: "tickBitmap", args: [word] })));
  const initialised = words.flatMap(({ pool, place, word }, at) => bitsOf(bitmaps[at] as bigint).map((bit) => ({ pool, place, index: (word * 256 + bit) * pool.tickSpacing })));
  const states = await read(initialised.map(({ pool, index }) => tickOf(pool.address, index)));
  const ticks: Ticks[] = pools.map(() => ({ nets: new Map(), gross: new Map() }));
  initialised.forEach(({ place, index }, at) => {
    const [gross, net] = states[at] as [bigint, bigint];
    ticks[place]!.gross.set(index, gross);
    ticks[place]!.nets.set(index, net);
  });
  return ticks;
}

/** Numbers of a bitmap's words: one bit a tick, of those on the spacing (TickBitmap.sol of v3-core). */
function wordsOf(tickSpacing: number): number[] {
  const [first, last] = [Math.floor(MIN_TICK / tickSpacing) >> 8, Math.floor(MAX_TICK / tickSpacing) >> 8];
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}

function bitsOf(bitmap: bigint): number[] {
  const bits: number[] = [];
  for (let [rest, bit] = [bitmap, 0]; rest > 0n; rest >>= 1n, bit++) if (rest & 1n) bits.push(bit);
  return bits;
}
