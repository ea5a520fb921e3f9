/** Deploys and calls on a chain whose accounts are unlocked, one transaction after the other. */
import type { Abi, Address, Hex } from "viem";
import { decodeFunctionResult, encodeDeployData, encodeFunctionData, getAddress } from "viem/utils";
import type { Artifact } from "./artifacts.ts";

/** The same for every transaction: anvil loses later ones of a sender whose gas limits differ when a block is full. */
const GAS = "0xe4e1c0"; // 15 000 000

export interface Contract { address: Address; abi: Abi }

interface Receipt { status: Hex; contractAddress: Address | null; transactionHash: Hex; gasUsed: Hex; blockNumber: Hex }

/** @throws {Error} with the node's words */
export async function rpc<T>(url: string, method: string, params: readonly unknown[] = []): Promise<T> {
  const response = await fetch(url, {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  });
  const { result, error } = await response.json() as { result: T; error?: { message: string; data?: unknown } };
  if (error) throw new Error(`${method}: ${error.message}${error.data ? ` ${JSON.stringify(error.data)}` : ""}`);
  return result;
}

export class Builder {
  readonly url: string;
  /** Who sends. */
  readonly from: Address;
  constructor(url: string, from: Address) {
    this.url = url;
    this.from = from;
  }

  async deploy({ abi, bytecode }: Artifact, ...args: unknown[]): Promise<Contract> {
    const { contractAddress } = await this.#send({ data: encodeDeployData({ abi, bytecode, args }) }, "a deployment");
    return { address: getAddress(contractAddress!), abi };
  }

  async send({ address, abi }: Contract, functionName: string, ...args: unknown[]): Promise<void> {
    await this.#send({ to: address, data: encodeFunctionData({ abi, functionName, args }) }, functionName);
  }

  /** Sends ether along. */
  async pay({ address, abi }: Contract, value: bigint, functionName: string): Promise<void> {
    await this.#send({ to: address, value: `0x${value.toString(16)}`, data: encodeFunctionData({ abi, functionName }) }, functionName);
  }

  async read<T>({ address, abi }: Contract, functionName: string, ...args: unknown[]): Promise<T> {
    const data = await rpc<Hex>(this.url, "eth_call", [{ from: this.from, to: address, data: encodeFunctionData({ abi, functionName, args }) }, "latest"]);
    return decodeFunctionResult({ abi, functionName, data }) as T;
  }

  /** @throws {Error} when it reverts */
  async #send(transaction: { to?: Address; data: Hex; value?: Hex }, what: string): Promise<Receipt> {
    const receipt = await rpc<Receipt>(this.url, "eth_sendTransactionSync", [{ from: this.from, gas: GAS, ...transaction }]);
    if (BigInt(receipt.status) !== 1n) throw new Error(`${what} reverted in ${receipt.transactionHash}, with ${BigInt(receipt.gasUsed)} gas used.`);
    return receipt;
  }
}
