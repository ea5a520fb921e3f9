/** The market with a probe that swaps on its pools, pools whose liquidity ends, and prices that can be put anywhere. */
import { join } from "node:path";
import type { Abi, Address, Hex } from "viem";
import { decodeFunctionResult, encodeAbiParameters, encodeFunctionData, keccak256, numberToHex } from "viem/utils";
import { compile, solidityOf } from "../../contracts/compile.ts";
import type { MarketBook } from "../../contract/market.ts";
import { draw } from "../../contract/seeded-draw.ts";
import { artifact } from "../../images/infrastructure/devnet/market/artifacts.ts";
import { Builder, rpc, type Contract } from "../../images/infrastructure/devnet/market/builder.ts";
import { sortPair } from "../../images/infrastructure/devnet/market/pairs.ts";
import { getSqrtRatioAtTick } from "../../services/flashloan/amm/tick-math.ts";
import type { PairPool, RangePool } from "../../services/flashloan/pools/pool.ts";
import { startMarket } from "../support/market.ts";
import type { V3Place } from "./market-state.ts";

export interface PairTrade { pair: Address; tokenIn: Address; zeroForOne: boolean; amountIn: bigint; amountOut: bigint }
export interface PoolTrade { pool: Address; tokenIn: Address; zeroForOne: boolean; amountIn: bigint }
export interface PoolResult { done: boolean; amountIn: bigint; amountOut: bigint; sqrtPriceX96: bigint; tick: number; liquidity: bigint }

export interface SwapRig {
  url: string;
  book: MarketBook;
  /** Market's pools of V3, with more positions, and six whose liquidity has gaps and ends. */
  places: V3Place[];
  /** On these reserves, for this call alone. */
  askPairs(pools: readonly PairPool[], trades: readonly PairTrade[]): Promise<{ given: readonly boolean[]; more: readonly boolean[] }>;
  askPools(trades: readonly PoolTrade[]): Promise<readonly PoolResult[]>;
  /** Trades until the price is that of a tick, or as near as it gets. */
  moveTo(pool: RangePool, tick: number): Promise<void>;
  stop(): Promise<void>;
}

/** Enough of every token for any swap of these tests. */
const PLENTY = 1n << 120n;
/** Gas of an eth_call that does many swaps. */
const CALL_GAS = "0x77359400";
const UNBOUNDED = ["--gas-limit", "2000000000"];
/** Slot of the balances in the tokens' storage: WETH9, and the ERC20 of OpenZeppelin 3. */
const BALANCES = { weth: 3n, others: 0n };
/** Of the reserves in a pair's (UniswapV2Pair 1.0.1). */
const RESERVES = numberToHex(8, { size: 32 });

const FACTORY = artifact("@uniswap/v3-core/artifacts/contracts/UniswapV3Factory.sol/UniswapV3Factory.json").abi;
const MANAGER = artifact("@uniswap/v3-periphery/artifacts/contracts/NonfungiblePositionManager.sol/NonfungiblePositionManager.json").abi;
const WETH = artifact("@aave/core-v3/artifacts/contracts/dependencies/weth/WETH9.sol/WETH9.json").abi;
const MINTABLE = artifact("@aave/core-v3/artifacts/contracts/mocks/tokens/MintableERC20.sol/MintableERC20.json").abi;

export async function startSwapRig(seed: string): Promise<SwapRig> {
  const { url, book, stop } = await startMarket(...UNBOUNDED);
  const deployer = new Builder(url, book.accounts.deployer);
  const { SwapProbe } = compile(solidityOf(join(import.meta.dirname, "contracts")));
  const probe = await deployer.deploy(SwapProbe!);
  await rpc(url, "anvil_setBalance", [deployer.from, numberToHex(PLENTY * 4n)]);
  for (const { address, symbol } of book.tokens) {
    if (symbol === "WETH") await deployer.pay({ address, abi: WETH }, PLENTY * 2n, "deposit");
    else await deployer.send({ address, abi: MINTABLE }, "mint", PLENTY * 2n);
    await deployer.send({ address, abi: MINTABLE }, "transfer", probe.address, PLENTY);
  }
  const places = [...book.uniswapV3.pools, ...await bounded(deployer, book, seed)];
  return {
    url, book, places, stop,
    askPairs: async (pools, trades) => {
      const [given, more] = await ask<[boolean[], boolean[]]>(url, probe, "askPairs", trades, overridesOf(book, pools));
      return { given, more };
    },
    askPools: (trades) => ask<PoolResult[]>(url, probe, "askPools", trades, {}),
    moveTo: async (pool, tick) => {
      const limit = getSqrtRatioAtTick(tick);
      if (limit === pool.sqrtPriceX96) return;
      const zeroForOne = limit < pool.sqrtPriceX96;
      const tokenIn = (zeroForOne ? pool.token0 : pool.token1).address;
      await deployer.send(probe, "move", { pool: pool.id, tokenIn, zeroForOne, amountIn: PLENTY / 2n }, limit);
    },
  };
}

async function ask<T>(url: string, { address, abi }: Contract, functionName: string, trades: readonly unknown[], overrides: Record<string, unknown>): Promise<T> {
  const data = encodeFunctionData({ abi, functionName, args: [trades] });
  return decodeFunctionResult({ abi, functionName, data: await rpc<Hex>(url, "eth_call", [{ to: address, data, gas: CALL_GAS }, "latest", overrides]) }) as T;
}

/** Reserves of pairs, and the balances that go with them. */
function overridesOf(book: MarketBook, pools: readonly PairPool[]): Record<string, { stateDiff: Record<Hex, Hex> }> {
  const overrides: Record<string, { stateDiff: Record<Hex, Hex> }> = {};
  const set = (address: string, slot: Hex, value: bigint): void => { (overrides[address] ??= { stateDiff: {} }).stateDiff[slot] = numberToHex(value, { size: 32 }); };
  const weth = book.tokens[0]!.address.toLowerCase();
  const balanceSlot = (token: string, holder: string): Hex =>
    keccak256(encodeAbiParameters([{ type: "address" }, { type: "uint256" }], [holder as Address, token === weth ? BALANCES.weth : BALANCES.others]));
  for (const { id, token0, token1, reserve0, reserve1 } of pools) {
    set(id, RESERVES, reserve0 | (reserve1 << 112n));
    set(token0.address, balanceSlot(token0.address, id), reserve0);
    set(token1.address, balanceSlot(token1.address, id), reserve1);
  }
  return overrides;
}

/** Some positions more on each of the market's pools, and six pools whose positions leave gaps and do not reach to the ends. */
async function bounded(deployer: Builder, book: MarketBook, seed: string): Promise<V3Place[]> {
  const { factory, positionManager } = book.uniswapV3;
  const manager = { address: positionManager, abi: MANAGER };
  const at = (symbol: string): Address => book.tokens.find((token) => token.symbol === symbol)!.address;
  const mint = async (place: V3Place, tick: number, label: string): Promise<void> => {
    const { address, token0, token1, feePpm, tickSpacing } = place;
    const from = Math.floor((tick + (draw(seed, `${label} from`) * 2 - 1) * 40 * tickSpacing) / tickSpacing) * tickSpacing;
    const tickUpper = from + (1 + Math.floor(draw(seed, `${label} width`) * 30)) * tickSpacing;
    // Of each token alike in both directions, so that also positions beside the price get some.
    const amount = 1n << BigInt(50 + Math.floor(draw(seed, `${label} ${address}`) * 20));
    await deployer.send(manager, "mint", { token0, token1, fee: feePpm, tickLower: from, tickUpper, amount0Desired: amount, amount1Desired: amount,
      amount0Min: 0n, amount1Min: 0n, recipient: deployer.from, deadline: 2n ** 64n });
  };
  const made: V3Place[] = [];
  const shapes = [["LINK", "UNI", 100, 1], ["LINK", "UNI", 500, 10], ["DAI", "USDT", 3_000, 60], ["UNI", "DAI", 10_000, 200], ["LINK", "DAI", 500, 10], ["WBTC", "UNI", 3_000, 60]] as const;
  for (const [number, [a, b, feePpm, tickSpacing]] of shapes.entries()) {
    const { token0, token1 } = sortPair(at(a), at(b));
    const tick = Math.round((draw(seed, `bounded ${number}`) * 2 - 1) * 5_000);
    await deployer.send(manager, "createAndInitializePoolIfNecessary", token0, token1, feePpm, getSqrtRatioAtTick(tick));
    const address = await deployer.read<Address>({ address: factory, abi: FACTORY as Abi }, "getPool", token0, token1, feePpm);
    const place = { address, token0, token1, feePpm, tickSpacing };
    for (let position = 0; position < 8; position++) await mint(place, tick, `bounded ${number} ${position}`);
    made.push(place);
  }
  return made;
}
