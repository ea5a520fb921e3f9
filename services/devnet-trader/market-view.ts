/** All pools of the market at one block. */
import type { Address, Client, HttpTransport } from "viem";
import { multicall } from "viem/actions";
import { parseAbi } from "viem/utils";
import type { MarketBook } from "../../contract/market.ts";

export type ChainClient = Client<HttpTransport>;

export type PoolState =
  | { kind: "v2"; reserve0: bigint; reserve1: bigint }
  /** Liquidity is that of the present range. */
  | { kind: "v3"; sqrtPriceX96: bigint; liquidity: bigint };

export interface PoolView {
  address: Address;
  token0: Address;
  token1: Address;
  feePpm: number;
  /** Of the protocol that the pool belongs to. */
  router: Address;
  state: PoolState;
}

export interface MarketView {
  blockNumber: number;
  pools: PoolView[];
  /** What the trader has, by token. */
  balances: ReadonlyMap<Address, bigint>;
}

const ABI = parseAbi([
  "function getReserves() view returns (uint112 reserve0, uint112 reserve1, uint32 blockTimestampLast)",
  "function slot0() view returns (uint160 sqrtPriceX96, int24 tick, uint16, uint16, uint16, uint8, bool)",
  "function liquidity() view returns (uint128)",
  "function balanceOf(address) view returns (uint256)",
]);

/** @throws {Error} viem's, when the chain does not answer or has no such market at that block */
export async function readMarket(chain: ChainClient, book: MarketBook, blockNumber: bigint): Promise<MarketView> {
  const v2 = book.uniswapV2.flatMap(({ pools, feePpm, router }) => pools.map((pool) => ({ ...pool, feePpm, router })));
  const v3 = book.uniswapV3.pools.map((pool) => ({ ...pool, router: book.uniswapV3.swapRouter }));
  const read = <const Name extends "getReserves" | "slot0" | "liquidity">(name: Name, pools: readonly { address: Address }[]) =>
    pools.map(({ address }) => ({ abi: ABI, address, functionName: name }) as const);
  const options = { multicallAddress: book.multicall3, blockNumber, allowFailure: false, batchSize: 0 } as const;
  const [reserves, slots, liquidity, balances] = await Promise.all([
    multicall(chain, { ...options, contracts: read("getReserves", v2) }),
    multicall(chain, { ...options, contracts: read("slot0", v3) }),
    multicall(chain, { ...options, contracts: read("liquidity", v3) }),
    multicall(chain, { ...options, contracts: book.tokens.map(({ address }) => ({ abi: ABI, address, functionName: "balanceOf", args: [book.accounts.trader] }) as const) }),
  ]);
  return {
    blockNumber: Number(blockNumber),
    pools: [
      ...v2.map(({ address, token0, token1, feePpm, router }, index): PoolView => {
        const [reserve0, reserve1] = reserves[index]!;
        return { address, token0, token1, feePpm, router, state: { kind: "v2", reserve0, reserve1 } };
      }),
      ...v3.map(({ address, token0, token1, feePpm, router }, index): PoolView =>
        ({ address, token0, token1, feePpm, router, state: { kind: "v3", sqrtPriceX96: slots[index]![0], liquidity: liquidity[index]! } })),
    ],
    balances: new Map(book.tokens.map(({ address }, index) => [address, balances[index]!])),
  };
}
