/** The market of the local chain on an anvil of its own, with the executor, and somebody who moves prices. */
import { join } from "node:path";
import type { Abi, Address, Hex } from "viem";
import { decodeErrorResult, decodeEventLog, decodeFunctionResult, encodeFunctionData, getAddress } from "viem/utils";
import { compile, CONTRACTS, solidityOf, type CompiledContract } from "../../contracts/compile.ts";
import type { MarketBook } from "../../contract/market.ts";
import { artifact } from "../../images/infrastructure/devnet/market/artifacts.ts";
import { Builder, rpc, type Contract } from "../../images/infrastructure/devnet/market/builder.ts";
import { startMarket } from "../support/market.ts";

export const LENDER = { AaveV3: 0, BalancerV2: 1, UniswapV2: 2, UniswapV3: 3 } as const;
export type LenderName = keyof typeof LENDER;
export const VENUE = { UniswapV2: 0, UniswapV3: 1 } as const;

export interface Leg { venue: number; pool: Address; tokenIn: Address; feePpm: number }
export interface Plan { id: bigint; deadlineBlock: bigint; lender: number; lenderPool: Address; amount: bigint; minProfit: bigint; legs: Leg[] }

export const NOBODY: Address = "0x0000000000000000000000000000000000000000";
export const ERC20 = artifact("@uniswap/v2-core/build/ERC20.json").abi;
export const PAIR = artifact("@uniswap/v2-core/build/UniswapV2Pair.json").abi;
export const ROUTER = artifact("@uniswap/v2-periphery/build/UniswapV2Router02.json").abi;
export const V3_ROUTER = artifact("@uniswap/v3-periphery/artifacts/contracts/SwapRouter.sol/SwapRouter.json").abi;
export const QUOTER = artifact("@uniswap/v3-periphery/artifacts/contracts/lens/QuoterV2.sol/QuoterV2.json").abi;

export interface Outcome { status: "success" | "reverted"; gasUsed: bigint; profit: bigint | null }

export interface Rig {
  url: string;
  book: MarketBook;
  executor: Contract;
  contracts: Record<string, CompiledContract>;
  owner: Builder;
  trader: Builder;
  /** Nobody's friend: an account without any right. */
  stranger: Builder;
  token(symbol: string): Address;
  balance(token: Address, holder: Address): Promise<bigint>;
  blockNumber(): Promise<bigint>;
  /** Name and arguments of the executor's error, or what the node said; null when the call passes. */
  refusal(call: { from: Address; to: Contract; fn: string; args: readonly unknown[] }): Promise<{ name: string; args: readonly unknown[] } | null>;
  /** Sends it as it is, whether or not it reverts. */
  execute(plan: Plan, executor?: Contract): Promise<Outcome>;
  stop(): Promise<void>;
}

const compiled = new Map<string, Record<string, CompiledContract>>();
/** Once for all suites: it takes seconds. */
function compileOnce(folder: string): Record<string, CompiledContract> {
  const known = compiled.get(folder) ?? compile(solidityOf(folder));
  compiled.set(folder, known);
  return known;
}

export async function startRig(): Promise<Rig> {
  const { url, book, stop } = await startMarket();
  const [stranger] = await rpc<Address[]>(url, "eth_accounts");
  const contracts = { ...compileOnce(CONTRACTS), ...compileOnce(join(import.meta.dirname, "attackers")) };
  const executor = { address: book.executor, abi: contracts.FlashExecutor!.abi };
  const owner = new Builder(url, book.accounts.executorOwner);
  return {
    url, book, executor, contracts, owner, trader: new Builder(url, book.accounts.trader), stranger: new Builder(url, getAddress(stranger!)),
    token: (symbol) => book.tokens.find((token) => token.symbol === symbol)!.address,
    balance: (token, holder) => owner.read<bigint>({ address: token, abi: ERC20 }, "balanceOf", holder),
    blockNumber: async () => BigInt(await rpc<Hex>(url, "eth_blockNumber")),
    refusal: (call) => refusalOf(url, executor.abi, call),
    execute: (plan, at = executor) => execute(url, owner.from, at, plan),
    stop,
  };
}

async function refusalOf(url: string, abi: Abi, { from, to, fn, args }: Parameters<Rig["refusal"]>[0]): ReturnType<Rig["refusal"]> {
  const data = encodeFunctionData({ abi: to.abi, functionName: fn, args: [...args] });
  const response = await fetch(url, {
    method: "POST", headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_call", params: [{ from, to: to.address, data }, "latest"] }),
  });
  const { error } = await response.json() as { error?: { message: string; data?: Hex } };
  if (!error) return null;
  try {
    const { errorName, args: found = [] } = decodeErrorResult({ abi, data: error.data! });
    return { name: errorName, args: found as readonly unknown[] };
  } catch {
    return { name: error.message, args: [] };
  }
}

async function execute(url: string, from: Address, executor: Contract, plan: Plan): Promise<Outcome> {
  const data = encodeFunctionData({ abi: executor.abi, functionName: "execute", args: [plan] });
  const receipt = await rpc<{ status: Hex; gasUsed: Hex; logs: { address: Address; topics: [Hex, ...Hex[]]; data: Hex }[] }>(
    url, "eth_sendTransactionSync", [{ from, to: executor.address, data, gas: "0x2dc6c0" }]);
  const log = receipt.logs.findLast(({ address }) => address.toLowerCase() === executor.address.toLowerCase());
  const profit = log ? (decodeEventLog({ abi: executor.abi, ...log }).args as unknown as { profit: bigint }).profit : null;
  return { status: BigInt(receipt.status) === 1n ? "success" : "reverted", gasUsed: BigInt(receipt.gasUsed), profit };
}

/** What an eth_call answers. */
export async function callAs<T>(url: string, from: Address, { address, abi }: Contract, functionName: string, args: readonly unknown[]): Promise<T> {
  const data = await rpc<Hex>(url, "eth_call", [{ from, to: address, data: encodeFunctionData({ abi, functionName, args: [...args] }) }, "latest"]);
  return decodeFunctionResult({ abi, functionName, data }) as T;
}
