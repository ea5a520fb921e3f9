/** Aave V3 core 1.19.3, in the order in which its own deployment goes: addresses, rights, logic, pool, reserves. */
import type { Address } from "viem";
import type { MarketBook } from "../../../../contract/market.ts";
import { artifact, type Artifact } from "./artifacts.ts";
import { AAVE_PREMIUM_BPS, AAVE_RESERVES, tokenPlan, unitsWorth } from "./blueprint.ts";
import type { Builder, Contract } from "./builder.ts";
import type { Tokens } from "./tokens.ts";

/** BorrowLogic first: others link it. */
const LOGIC = ["BorrowLogic", "SupplyLogic", "LiquidationLogic", "EModeLogic", "BridgeLogic", "PoolLogic", "ConfiguratorLogic", "FlashLoanLogic"];
const NOBODY = "0x0000000000000000000000000000000000000000";

const protocol = (path: string, libraries: Record<string, Address> = {}): Artifact =>
  artifact(`@aave/core-v3/artifacts/contracts/protocol/${path}.sol/${path.split("/").at(-1)}.json`, libraries);

/** A ray is 27 decimals. */
const ray = (thousandths: number): bigint => BigInt(thousandths) * 10n ** 24n;

export async function deployAaveV3(chain: Builder, tokens: Tokens): Promise<MarketBook["aaveV3"]> {
  const provider = await chain.deploy(protocol("configuration/PoolAddressesProvider"), "devnet", chain.from);
  await chain.send(provider, "setACLAdmin", chain.from);
  const rights = await chain.deploy(protocol("configuration/ACLManager"), provider.address);
  await chain.send(provider, "setACLManager", rights.address);
  await chain.send(rights, "addPoolAdmin", chain.from);
  await chain.send(rights, "addAssetListingAdmin", chain.from);

  const libraries: Record<string, Address> = {};
  for (const name of LOGIC) libraries[name] = (await chain.deploy(protocol(`libraries/logic/${name}`, libraries))).address;
  const poolCode = protocol("pool/Pool", libraries);
  const configuratorCode = protocol("pool/PoolConfigurator", libraries);
  await chain.send(provider, "setPoolImpl", (await chain.deploy(poolCode, provider.address)).address);
  await chain.send(provider, "setPoolConfiguratorImpl", (await chain.deploy(configuratorCode)).address);
  const pool = { address: await chain.read<Address>(provider, "getPool"), abi: poolCode.abi };
  const configurator = { address: await chain.read<Address>(provider, "getPoolConfigurator"), abi: configuratorCode.abi };

  await addReserves(chain, tokens, provider, pool, configurator);
  // A fresh pool's premium is 0.
  await chain.send(configurator, "updateFlashloanPremiumTotal", AAVE_PREMIUM_BPS);
  return {
    addressesProvider: provider.address, pool: pool.address, premiumBps: AAVE_PREMIUM_BPS, assets: AAVE_RESERVES.map(([symbol]) => tokens[symbol].address),
  };
}

async function addReserves(chain: Builder, tokens: Tokens, provider: Contract, pool: Contract, configurator: Contract): Promise<void> {
  const aToken = await chain.deploy(protocol("tokenization/AToken"), pool.address);
  const stableDebt = await chain.deploy(protocol("tokenization/StableDebtToken"), pool.address);
  const variableDebt = await chain.deploy(protocol("tokenization/VariableDebtToken"), pool.address);
  // Optimal use 80 %, base 0, slopes 4 % and 60 %, and five terms of stable borrowing, which nobody does here.
  const rates = await chain.deploy(protocol("pool/DefaultReserveInterestRateStrategy"), provider.address,
    ray(800), ray(0), ray(40), ray(600), ray(5), ray(750), ray(10), ray(80), ray(200));
  for (const [symbol, thousands] of AAVE_RESERVES) {
    const asset = tokens[symbol];
    // One at a time: two reach the gas limit.
    await chain.send(configurator, "initReserves", [{
      aTokenImpl: aToken.address, stableDebtTokenImpl: stableDebt.address, variableDebtTokenImpl: variableDebt.address,
      underlyingAssetDecimals: tokenPlan(symbol).decimals, interestRateStrategyAddress: rates.address, underlyingAsset: asset.address,
      treasury: chain.from, incentivesController: NOBODY,
      aTokenName: `Aave ${symbol}`, aTokenSymbol: `a${symbol}`,
      variableDebtTokenName: `Aave variable debt ${symbol}`, variableDebtTokenSymbol: `variableDebt${symbol}`,
      stableDebtTokenName: `Aave stable debt ${symbol}`, stableDebtTokenSymbol: `stableDebt${symbol}`,
      // An initialiser reads past empty bytes.
      params: "0x10",
    }]);
    await chain.send(configurator, "setReserveFlashLoaning", asset.address, true);
    await chain.send(asset, "approve", pool.address, 2n ** 256n - 1n);
    await chain.send(pool, "supply", asset.address, unitsWorth(symbol, thousands), chain.from, 0);
  }
}
