/** A Uniswap V2 factory with its router and pools. */
import { keccak256 } from "viem/utils";
import type { MarketBook } from "../../../../contract/market.ts";
import { artifact } from "./artifacts.ts";
import { V2_FEE_PPM, v2Deposits } from "./blueprint.ts";
import type { Builder } from "./builder.ts";
import { sortPair } from "./pairs.ts";
import { approveAll, type Tokens } from "./tokens.ts";

const NO_DEADLINE = 2n ** 64n;

export async function deployUniswapV2(chain: Builder, tokens: Tokens, seed: string, name: string): Promise<MarketBook["uniswapV2"][number]> {
  const factory = await chain.deploy(artifact("@uniswap/v2-core/build/UniswapV2Factory.json"), chain.from);
  const router = await chain.deploy(artifact("@uniswap/v2-periphery/build/UniswapV2Router02.json"), factory.address, tokens.WETH.address);
  await approveAll(chain, tokens, router);
  const pools: MarketBook["uniswapV2"][number]["pools"] = [];
  for (const { a, b, amountA, amountB } of v2Deposits(seed, name)) {
    const [from, to] = [tokens[a].address, tokens[b].address];
    await chain.send(router, "addLiquidity", from, to, amountA, amountB, 0n, 0n, chain.from, NO_DEADLINE);
    pools.push({ address: await chain.read(factory, "getPair", from, to), ...sortPair(from, to) });
  }
  return {
    name, factory: factory.address, router: router.address, feePpm: V2_FEE_PPM, pools,
    initCodeHash: keccak256(artifact("@uniswap/v2-core/build/UniswapV2Pair.json").bytecode),
  };
}
