/** Balancer's V2 vault with one weighted pool: what the vault lends is what its pools hold. */
import type { Address, Hex } from "viem";
import { decodeEventLog, encodeAbiParameters } from "viem/utils";
import type { MarketBook } from "../../../../contract/market.ts";
import { artifact, balancerTask } from "./artifacts.ts";
import { BALANCER_POOL, unitsWorth } from "./blueprint.ts";
import { rpc, type Builder } from "./builder.ts";
import type { Tokens } from "./tokens.ts";

const TASKS = "@balancer-labs/v2-deployments/dist/tasks";
/** As on Ethereum: the vault may be paused for 90 days, and stays so for 30 more at most. */
const PAUSE_SECONDS = [7_776_000n, 2_592_000n] as const;
/** Swap fee, of 10^18. */
const SWAP_FEE = 3n * 10n ** 15n;
/** WeightedPoolUserData.JoinKind.INIT */
const FIRST_JOIN = 0n;

export async function deployBalancerV2(chain: Builder, tokens: Tokens): Promise<MarketBook["balancerV2"]> {
  const authorizer = await chain.deploy(artifact(`${TASKS}/20210418-authorizer/artifact/Authorizer.json`), chain.from);
  const vault = await chain.deploy(artifact(`${TASKS}/20210418-vault/artifact/Vault.json`), authorizer.address, tokens.WETH.address, ...PAUSE_SECONDS);
  const factory = await chain.deploy(balancerTask("20210418-weighted-pool", "WeightedPoolFactory"), vault.address);

  const parts = BALANCER_POOL.map(([symbol, thousands]) => ({ asset: tokens[symbol], amount: unitsWorth(symbol, thousands) }))
    .toSorted((a, b) => (BigInt(a.asset.address) < BigInt(b.asset.address) ? -1 : 1));
  const assets = parts.map(({ asset }) => asset.address);
  const amounts = parts.map(({ amount }) => amount);
  const weights = parts.map(() => 10n ** 18n / BigInt(parts.length));
  await chain.send(factory, "create", "Devnet weighted pool", "DWP", assets, weights, SWAP_FEE, chain.from);
  const poolId = await registeredPool(chain, vault.address, vault.abi);

  for (const { asset } of parts) await chain.send(asset, "approve", vault.address, 2n ** 256n - 1n);
  const userData = encodeAbiParameters([{ type: "uint256" }, { type: "uint256[]" }], [FIRST_JOIN, amounts]);
  await chain.send(vault, "joinPool", poolId, chain.from, chain.from, { assets, maxAmountsIn: amounts, userData, fromInternalBalance: false });
  return { vault: vault.address, poolId, assets };
}

/** Id of the pool that the vault registered last: the factory answers its address only to contracts. */
async function registeredPool(chain: Builder, vault: Address, abi: Parameters<typeof decodeEventLog>[0]["abi"]): Promise<Hex> {
  const logs = await rpc<{ topics: [Hex, ...Hex[]]; data: Hex }[]>(chain.url, "eth_getLogs", [{ address: vault, fromBlock: "0x0", toBlock: "latest" }]);
  const events = logs.map(({ topics, data }) => decodeEventLog({ abi: abi!, topics, data }));
  const last = events.findLast(({ eventName }) => eventName === "PoolRegistered");
  return (last!.args as unknown as { poolId: Hex }).poolId;
}
