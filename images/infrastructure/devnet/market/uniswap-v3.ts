/** Uniswap V3: factory, periphery, and pools with liquidity in several ranges. */
import type { Address } from "viem";
import type { MarketBook } from "../../../../contract/market.ts";
import { artifact } from "./artifacts.ts";
import { v3Deposits, type V3Deposit } from "./blueprint.ts";
import type { Builder, Contract } from "./builder.ts";
import { sortPair, sqrtPriceX96, tickRange } from "./pairs.ts";
import { approveAll, type Tokens } from "./tokens.ts";

const CORE = "@uniswap/v3-core/artifacts/contracts";
const PERIPHERY = "@uniswap/v3-periphery/artifacts/contracts";
const NO_DESCRIPTOR = "0x0000000000000000000000000000000000000000";
const NO_DEADLINE = 2n ** 64n;

type Pool = MarketBook["uniswapV3"]["pools"][number];

export async function deployUniswapV3(chain: Builder, tokens: Tokens, seed: string): Promise<MarketBook["uniswapV3"]> {
  const weth = tokens.WETH.address;
  const factory = await chain.deploy(artifact(`${CORE}/UniswapV3Factory.sol/UniswapV3Factory.json`));
  // The fourth tier, as Uniswap's governance added it in 2021.
  await chain.send(factory, "enableFeeAmount", 100, 1);
  const manager = await chain.deploy(artifact(`${PERIPHERY}/NonfungiblePositionManager.sol/NonfungiblePositionManager.json`), factory.address, weth, NO_DESCRIPTOR);
  const swapRouter = await chain.deploy(artifact(`${PERIPHERY}/SwapRouter.sol/SwapRouter.json`), factory.address, weth);
  const quoter = await chain.deploy(artifact(`${PERIPHERY}/lens/QuoterV2.sol/QuoterV2.json`), factory.address, weth);
  const tickLens = await chain.deploy(artifact(`${PERIPHERY}/lens/TickLens.sol/TickLens.json`));
  await approveAll(chain, tokens, manager);
  const pools: Pool[] = [];
  for (const deposit of v3Deposits(seed)) pools.push(await createPool(chain, tokens, factory, manager, deposit));
  return { factory: factory.address, positionManager: manager.address, swapRouter: swapRouter.address, quoter: quoter.address, tickLens: tickLens.address, pools };
}

async function createPool(chain: Builder, tokens: Tokens, factory: Contract, manager: Contract, deposit: V3Deposit): Promise<Pool> {
  const { a, b, feePpm, ranges } = deposit;
  const { token0, token1 } = sortPair(tokens[a].address, tokens[b].address);
  const [amount0, amount1] = token0 === tokens[a].address ? [deposit.amountA, deposit.amountB] : [deposit.amountB, deposit.amountA];
  await chain.send(manager, "createAndInitializePoolIfNecessary", token0, token1, feePpm, sqrtPriceX96(amount0, amount1));
  const address = await chain.read<Address>(factory, "getPool", token0, token1, feePpm);
  const pool = { address, abi: artifact(`${CORE}/UniswapV3Pool.sol/UniswapV3Pool.json`).abi };
  const [, tick] = await chain.read<[bigint, number]>(pool, "slot0");
  const tickSpacing = await chain.read<number>(pool, "tickSpacing");
  for (const [halfWidth, share] of ranges) {
    const part = (amount: bigint): bigint => amount * BigInt(Math.round(share * 100)) / 100n;
    await chain.send(manager, "mint", {
      token0, token1, fee: feePpm, ...tickRange(tick, halfWidth, tickSpacing), amount0Desired: part(amount0), amount1Desired: part(amount1),
      amount0Min: 0n, amount1Min: 0n, recipient: chain.from, deadline: NO_DEADLINE,
    });
  }
  return { address, token0, token1, feePpm, tickSpacing };
}
