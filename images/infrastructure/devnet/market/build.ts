/** Makes the whole market on a fresh chain, and dumps it. */
import { gunzipSync } from "node:zlib";
import type { Address, Hex } from "viem";
import { getAddress } from "viem/utils";
import { compile, CONTRACTS, solidityOf } from "../../../../contracts/compile.ts";
import { MarketBook } from "../../../../contract/market.ts";
import { deployAaveV3 } from "./aave-v3.ts";
import { startAnvil } from "./anvil.ts";
import { multicall3Bytecode } from "./artifacts.ts";
import { deployBalancerV2 } from "./balancer-v2.ts";
import { TRADER_HOLDS, TOKENS, unitsWorth, V2_DEXES } from "./blueprint.ts";
import { Builder, rpc } from "./builder.ts";
import { tidyState } from "./state.ts";
import { approveAll, deployTokens, type Tokens } from "./tokens.ts";
import { deployUniswapV2 } from "./uniswap-v2.ts";
import { deployUniswapV3 } from "./uniswap-v3.ts";

export interface MarketOptions { chainId: number; seed: string }
export interface Market {
  book: MarketBook;
  /** JSON text for anvil's --load-state. */
  state: string;
}

/** First block's time, 2026-01-01 UTC; one second a block. With them the same sources make the same chain, byte for byte. */
const GENESIS_SECONDS = 1_767_225_600;
/** Of anvil's ten accounts the first are left to people; the last ones are the market's. */
const ACCOUNTS = { executorOwner: 7, trader: 8, deployer: 9 } as const;
/** What a transaction on the finished market pays first, per gas. */
const BASE_FEE_WEI = 10n ** 9n;
const BALANCE_WEI = 10_000n * 10n ** 18n;
/** Where Multicall3 is on every chain, and where libraries look for it. */
const MULTICALL3 = "0xcA11bde05977b3631167028862bE2a173976CA11";

const hex = (value: bigint): Hex => `0x${value.toString(16)}`;

export async function buildMarket({ chainId, seed }: MarketOptions): Promise<Market> {
  const anvil = await startAnvil(["--chain-id", String(chainId), "--timestamp", String(GENESIS_SECONDS), "--gas-limit", "60000000"]);
  try {
    await rpc(anvil.url, "anvil_setBlockTimestampInterval", [1]);
    const accounts = (await rpc<Address[]>(anvil.url, "eth_accounts")).map((account) => getAddress(account));
    const book = await deployMarket(anvil.url, accounts, { chainId, seed });
    for (const account of accounts) await rpc(anvil.url, "anvil_setBalance", [account, hex(BALANCE_WEI)]);
    // Quiet blocks have let the base fee fall to nothing.
    await rpc(anvil.url, "anvil_setNextBlockBaseFeePerGas", [hex(BASE_FEE_WEI)]);
    await rpc(anvil.url, "evm_mine");
    const dump = await rpc<Hex>(anvil.url, "anvil_dumpState");
    return { book, state: tidyState(gunzipSync(Buffer.from(dump.slice(2), "hex")).toString("utf8")) };
  } finally {
    await anvil.stop();
  }
}

async function deployMarket(url: string, accounts: readonly Address[], { chainId, seed }: MarketOptions): Promise<MarketBook> {
  const [deployer, trader, executorOwner] = [accounts[ACCOUNTS.deployer]!, accounts[ACCOUNTS.trader]!, accounts[ACCOUNTS.executorOwner]!];
  const chain = new Builder(url, deployer);
  await rpc(url, "anvil_setBalance", [deployer, hex(10n ** 24n)]);
  const tokens = await deployTokens(chain);
  const uniswapV2: MarketBook["uniswapV2"] = [];
  for (const dex of Object.keys(V2_DEXES)) uniswapV2.push(await deployUniswapV2(chain, tokens, seed, dex));
  const uniswapV3 = await deployUniswapV3(chain, tokens, seed);
  const aaveV3 = await deployAaveV3(chain, tokens);
  const balancerV2 = await deployBalancerV2(chain, tokens);
  await deployMulticall3(chain);
  const { FlashExecutor } = compile(solidityOf(CONTRACTS));
  const executor = await chain.deploy(FlashExecutor!, executorOwner, aaveV3.pool, balancerV2.vault);
  await endowTrader(chain, trader, tokens, [...uniswapV2.map(({ router }) => router), uniswapV3.swapRouter]);
  return MarketBook.parse({
    schemaVersion: 1, chainId, seed, block: Number(await rpc<Hex>(url, "eth_blockNumber")) + 1,
    accounts: { deployer, executorOwner, trader },
    tokens: TOKENS.map(({ symbol, decimals, price }) => ({ symbol, decimals, address: tokens[symbol].address, startPriceUsd: price })),
    uniswapV2, uniswapV3, aaveV3, balancerV2, multicall3: MULTICALL3, executor: executor.address,
  } satisfies MarketBook);
}

async function deployMulticall3(chain: Builder): Promise<void> {
  const { address } = await chain.deploy({ abi: [], bytecode: await multicall3Bytecode() });
  await rpc(chain.url, "anvil_setCode", [MULTICALL3, await rpc<Hex>(chain.url, "eth_getCode", [address, "latest"])]);
}

async function endowTrader(chain: Builder, trader: Address, tokens: Tokens, routers: readonly Address[]): Promise<void> {
  for (const { symbol } of TOKENS) await chain.send(tokens[symbol], "transfer", trader, unitsWorth(symbol, TRADER_HOLDS));
  const own = new Builder(chain.url, trader);
  for (const address of routers) await approveAll(own, tokens, { address, abi: [] });
}
