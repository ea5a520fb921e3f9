/** The one place that decides whether this server may send to a chain. */
import type { Address } from "viem";
import { getAddress } from "viem/utils";
import { UserFault } from "../../../kit/errors.ts";
import { ask, type ChainClient } from "../../shared/evm-client.ts";
import type { Deps } from "./deps.ts";

/** Accounts that the devnet signs for. @throws {UserFault} when the chain is any other */
export async function devnetAccounts(deps: Pick<Deps, "devnetChainId">, chain: ChainClient, chainId: number, signal: AbortSignal): Promise<Address[]> {
  if (deps.devnetChainId === null || chainId !== deps.devnetChainId) {
    throw new UserFault(`Chain ${chainId} is not the local devnet${deps.devnetChainId === null ? ", and this deployment has none" : ` (${deps.devnetChainId})`}: nothing was sent. Call again with send: false and sign the transaction with your own wallet.`);
  }
  const accounts = await ask("the accounts", chain.request({ method: "eth_accounts" }), signal);
  if (accounts.length === 0) throw new UserFault("The devnet has no unlocked accounts: call with send: false and sign the transaction yourself.");
  return accounts.map((account) => getAddress(account));
}
