/** What the tests of the tools share: a chain with a token on it. */
import type { Address, Hex } from "viem";
import { encodeAbiParameters, encodeFunctionData, parseAbi } from "viem/utils";
import { startChain, type TestChain } from "../../shared/testing/anvil.ts";
import { compileForTest } from "../../shared/testing/solidity.ts";
import { TOKEN_SOURCE } from "../../shared/testing/token.ts";
import type { Deps } from "./deps.ts";

const TRANSFER = parseAbi(["function transfer(address to, uint256 value) returns (bool)"]);

export interface TokenChain extends TestChain {
  deps: Deps;
  token: Address;
  abi: Record<string, unknown>[];
  /** Block that deployed it. */
  deployedAt: number;
  transfer(to: Address, value: bigint, from?: Address): ReturnType<TestChain["send"]>;
}

/** The first account holds the supply. */
export async function startTokenChain(supply = 1_000_000n): Promise<TokenChain> {
  const network = await startChain();
  const { abi, bytecode } = compileForTest(TOKEN_SOURCE)["Token"]!;
  const owner = network.accounts[0]!;
  const receipt = await network.send({ from: owner, data: `${bytecode}${encodeAbiParameters([{ type: "uint256" }], [supply]).slice(2)}` as Hex });
  const token = receipt.contractAddress!;
  return {
    ...network, abi, token, deps: { chain: network.chain }, deployedAt: Number(receipt.blockNumber),
    transfer: (to, value, from = owner) => network.send({ from, to: token, data: encodeFunctionData({ abi: TRANSFER, args: [to, value] }) }),
  };
}
