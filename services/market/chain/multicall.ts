/** Many view functions in one call of Multicall3, so that all answers are of one block. */
import type { Abi, Address, Hex } from "viem";
import { decodeFunctionResult, encodeFunctionData, parseAbi } from "viem/utils";
import { ChainFault } from "./fault.ts";
import type { Chain } from "./chain.ts";

const MULTICALL3 = parseAbi([
  "struct Call { address target; bool allowFailure; bytes callData; }",
  "struct Result { bool success; bytes returnData; }",
  "function aggregate3(Call[] calls) payable returns (Result[] returnData)",
]);

/** One view function of one contract. */
export interface View { address: Address; abi: Abi; functionName: string; args?: readonly unknown[] }

/** Of a node's limit on one call; 2 600 gas and more for each. */
const MOST_AT_ONCE = 1_000;

/** @returns what each answers, decoded @throws {ChainFault} `malformed_answer` where one reverts or answers something else */
export async function readViews(chain: Chain, multicall3: Address, blockHash: Hex, views: readonly View[]): Promise<unknown[]> {
  const parts: View[][] = [];
  for (let at = 0; at < views.length; at += MOST_AT_ONCE) parts.push(views.slice(at, at + MOST_AT_ONCE));
  // One after the other: nodes limit a request's bytes, and only the first reading of a market takes more than one.
  const values: unknown[] = [];
  for (const part of parts) values.push(...await readPart(chain, multicall3, blockHash, part));
  return values;
}

async function readPart(chain: Chain, multicall3: Address, blockHash: Hex, part: readonly View[]): Promise<unknown[]> {
  const calls = part.map(({ address, abi, functionName, args = [] }) => ({ target: address, allowFailure: true, callData: encodeFunctionData({ abi, functionName, args: [...args] }) }));
  const answer = await chain.read(blockHash, { to: multicall3, data: encodeFunctionData({ abi: MULTICALL3, args: [calls] }) });
  const results = decoded(() => decodeFunctionResult({ abi: MULTICALL3, data: answer }), "Multicall3");
  if (results.length !== part.length) throw new ChainFault("half_answer", `Multicall3 at ${multicall3} answered ${results.length} of ${part.length} calls.`);
  return part.map(({ address, abi, functionName }, place) => {
    const { success, returnData } = results[place]!;
    if (!success) throw new ChainFault("malformed_answer", `${functionName} of ${address} reverts: the address book is another chain's, or the contract is another.`);
    return decoded(() => decodeFunctionResult({ abi, functionName, data: returnData }) as unknown, `${functionName} of ${address}`);
  });
}

function decoded<T>(decode: () => T, what: string): T {
  try {
    return decode();
  } catch (cause) {
    throw new ChainFault("malformed_answer", `${what} answered what its interface does not allow: ${(cause as Error).message.split("\n")[0]}`);
  }
}
