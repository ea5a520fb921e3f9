/** The market's pools and lenders at one block, read from the chain as the library takes them. */
import type { Abi, Address, Hex } from "viem";
import { decodeEventLog, decodeFunctionResult, encodeEventTopics, encodeFunctionData, parseAbi } from "viem/utils";
import type { MarketBook } from "../../contract/market.ts";
import { artifact } from "../../images/infrastructure/devnet/market/artifacts.ts";
import { rpc } from "../../images/infrastructure/devnet/market/builder.ts";
import type { Tick } from "../../services/flashloan/amm/tick-table.ts";
import type { AaveV3, BalancerV2, UniswapV3 } from "../../services/flashloan/lenders/lender.ts";
import { pairPool, rangePool, type PairPool, type Pool, type RangePool } from "../../services/flashloan/pools/pool.ts";
import { token, type Token } from "../../services/flashloan/pools/token.ts";

export const POOL = artifact("@uniswap/v3-core/artifacts/contracts/UniswapV3Pool.sol/UniswapV3Pool.json").abi;
const PAIR = artifact("@uniswap/v2-core/build/UniswapV2Pair.json").abi;
const ERC20 = parseAbi(["function balanceOf(address) view returns (uint256)"]);
const AAVE = artifact("@aave/core-v3/artifacts/contracts/interfaces/IPool.sol/IPool.json").abi;
const MULTICALL3 = parseAbi([
  "struct Call { address target; bytes callData; }", "struct Result { bool success; bytes returnData; }",
  "function tryAggregate(bool requireSuccess, Call[] calls) view returns (Result[] results)",
]);

export interface V3Place { address: Address; token0: Address; token1: Address; feePpm: number; tickSpacing: number }

interface Call { address: Address; abi: Abi; fn: string; args?: readonly unknown[] }

/** Reads, all of one block. */
export async function readAll(url: string, book: MarketBook, calls: readonly Call[], block: Hex): Promise<unknown[]> {
  const data = encodeFunctionData({ abi: MULTICALL3, functionName: "tryAggregate",
    args: [true, calls.map(({ address, abi, fn, args = [] }) => ({ target: address, callData: encodeFunctionData({ abi, functionName: fn, args: [...args] }) }))] });
  const answer = await rpc<Hex>(url, "eth_call", [{ to: book.multicall3, data, gas: "0x2faf0800" }, block]);
  const results = decodeFunctionResult({ abi: MULTICALL3, functionName: "tryAggregate", data: answer });
  return results.map(({ returnData }, at) => decodeFunctionResult({ abi: calls[at]!.abi, functionName: calls[at]!.fn, data: returnData }));
}

/** Borders of positions: a pool tells its ticks only to those who know them. */
async function tickBorders(url: string, { address }: V3Place, block: Hex): Promise<number[]> {
  const topics = encodeEventTopics({ abi: POOL, eventName: "Mint" });
  const logs = await rpc<{ topics: [Hex, ...Hex[]]; data: Hex }[]>(url, "eth_getLogs", [{ fromBlock: "0x0", toBlock: block, address, topics }]);
  const borders = logs.flatMap((log) => {
    const { tickLower, tickUpper } = decodeEventLog({ abi: POOL, ...log }).args as unknown as { tickLower: number; tickUpper: number };
    return [tickLower, tickUpper];
  });
  return [...new Set(borders)].sort((a, b) => a - b);
}

export const tokensOf = (book: MarketBook): Map<string, Token> =>
  new Map(book.tokens.map(({ address, decimals, symbol }) => [address.toLowerCase(), token(address, decimals, symbol)]));

/** @param places pools of V3 beside those of the book, or instead of them */
export async function readRangePools(url: string, book: MarketBook, block: Hex, places: readonly V3Place[] = book.uniswapV3.pools): Promise<RangePool[]> {
  const known = tokensOf(book);
  const borders = await Promise.all(places.map((place) => tickBorders(url, place, block)));
  const calls = places.flatMap(({ address }, at): Call[] => [
    { address, abi: POOL, fn: "slot0" }, { address, abi: POOL, fn: "liquidity" },
    ...borders[at]!.map((tick) => ({ address, abi: POOL, fn: "ticks", args: [tick] })),
  ]);
  const answers = (await readAll(url, book, calls, block))[Symbol.iterator]();
  const next = <T>(): T => answers.next().value as T;
  return places.map(({ address, token0, token1, feePpm, tickSpacing }, at) => {
    const [sqrtPriceX96, tick] = next<[bigint, number]>();
    const liquidity = next<bigint>();
    const ticks: Tick[] = borders[at]!.map((index) => ({ index, liquidityNet: next<[bigint, bigint]>()[1] })).filter(({ liquidityNet }) => liquidityNet !== 0n);
    return rangePool({ id: address, token0: known.get(token0.toLowerCase())!, token1: known.get(token1.toLowerCase())!, feePips: feePpm, tickSpacing, sqrtPriceX96, tick, liquidity, ticks });
  });
}

export async function readPairs(url: string, book: MarketBook, block: Hex): Promise<PairPool[]> {
  const known = tokensOf(book);
  const places = book.uniswapV2.flatMap(({ pools, feePpm }) => pools.map((pool) => ({ ...pool, feePpm })));
  const answers = await readAll(url, book, places.map(({ address }) => ({ address, abi: PAIR, fn: "getReserves" })), block) as [bigint, bigint][];
  return places.map(({ address, token0, token1, feePpm }, at) => pairPool({
    id: address, token0: known.get(token0.toLowerCase())!, token1: known.get(token1.toLowerCase())!, feePips: feePpm, reserve0: answers[at]![0], reserve1: answers[at]![1],
  }));
}

export interface Lenders { aave: AaveV3; balancer: BalancerV2; v3: UniswapV3[] }

/** Everything that a prediction may know. */
export interface MarketState { block: Hex; pools: Pool[]; lenders: Lenders }

export async function readMarket(url: string, book: MarketBook): Promise<MarketState> {
  const block = await rpc<Hex>(url, "eth_blockNumber");
  const [pairs, ranges] = await Promise.all([readPairs(url, book, block), readRangePools(url, book, block)]);
  const { aaveV3, balancerV2 } = book;
  const reserves = await readAll(url, book, aaveV3.assets.map((asset) => ({ address: aaveV3.pool, abi: AAVE, fn: "getReserveData", args: [asset] })), block) as { aTokenAddress: Address }[];
  const holders: [token: Address, holder: Address][] = [
    ...aaveV3.assets.map((asset, at): [Address, Address] => [asset, reserves[at]!.aTokenAddress]),
    ...balancerV2.assets.map((asset): [Address, Address] => [asset, balancerV2.vault]),
    ...book.uniswapV3.pools.flatMap(({ address, token0, token1 }): [Address, Address][] => [[token0, address], [token1, address]]),
  ];
  const balances = await readAll(url, book, holders.map(([address, holder]) => ({ address, abi: ERC20, fn: "balanceOf", args: [holder] })), block) as bigint[];
  const heldBy = (holder: Address): Record<string, bigint> =>
    Object.fromEntries(holders.flatMap(([held, by], at) => (by === holder ? [[held.toLowerCase(), balances[at]!]] : [])));
  const aave: AaveV3 = {
    kind: "aave-v3", address: aaveV3.pool, premiumBps: aaveV3.premiumBps, rounding: "half-up",
    available: Object.fromEntries(aaveV3.assets.map((asset, at) => [asset.toLowerCase(), balances[at]!])),
  };
  return {
    block, pools: [...pairs, ...ranges],
    lenders: {
      aave, balancer: { kind: "balancer-v2", address: balancerV2.vault, feeFraction: 0n, available: heldBy(balancerV2.vault) },
      v3: ranges.map((pool, at) => ({ kind: "uniswap-v3", pool, available: heldBy(book.uniswapV3.pools[at]!.address) })),
    },
  };
}
