import type { Address as EvmAddress, Hex } from "viem";
import { call, getBalance as readBalance, getCode, getTransactionCount } from "viem/actions";
import { decodeAbiParameters, encodeFunctionData, formatUnits, hexToString, parseAbi, trim } from "viem/utils";
import { z } from "zod";
import { defineTool } from "../../../../kit/tool.ts";
import { ask, type ChainClient } from "../../../shared/evm-client.ts";
import { Address, BlockRef, out } from "../../../shared/evm-schemas.ts";
import { isoOf, pinBlock } from "../blocks.ts";
import type { Deps } from "../deps.ts";

const ERC20 = parseAbi([
  "function balanceOf(address) view returns (uint256)",
  "function decimals() view returns (uint8)",
  "function symbol() view returns (string)",
]);

export const getBalance = defineTool<Deps>()({
  name: "get_balance",
  title: "Read balances",
  description: "Reads an account's native balance and nonce, and its balances in up to 50 ERC-20 tokens, all at one and the same block.",
  input: z.strictObject({
    address: Address.describe("Account to read."),
    tokens: z.array(Address).max(50).default([]).describe("ERC-20 contracts."),
    block: BlockRef.default("latest").describe("Block number or tag; old blocks want an archive node."),
  }),
  output: z.object({
    address: out.address,
    blockNumber: out.blockNumber,
    blockTime: z.string().describe("Timestamp of that block, ISO 8601."),
    balanceWei: out.wei,
    balanceEther: z.string().describe("The same in ether, exact."),
    nonce: z.int().describe("Transactions sent (for a contract: contracts created, plus one)."),
    isContract: z.boolean().describe("There is code at the address."),
    tokens: z.array(z.object({
      token: out.address,
      symbol: z.string().nullable().describe("As the token names itself, which proves nothing; null where it does not."),
      decimals: z.int().nullable().describe("null where the token does not say: then only balanceUnits is certain."),
      balanceUnits: z.string().nullable().describe("Decimal string in the token's smallest unit; null when it could not be read."),
      balance: z.string().nullable().describe("balanceUnits by the decimals, exact."),
      problem: z.string().nullable().describe("Why there is no balance."),
    })).describe("In the order asked for."),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  async handler({ address, tokens, block }, { deps, signal }) {
    const chain = deps.chain.scope({ signal });
    const { blockNumber, timestamp } = await pinBlock(chain, block, signal);
    const [balance, nonce, code, ...read] = await ask("the balances", Promise.all([
      readBalance(chain, { address, blockNumber }),
      getTransactionCount(chain, { address, blockNumber }),
      getCode(chain, { address, blockNumber }),
      ...tokens.map((token) => tokenBalance(chain, token, address, blockNumber)),
    ]), signal);
    return {
      address,
      blockNumber: Number(blockNumber),
      blockTime: isoOf(timestamp),
      balanceWei: balance.toString(),
      balanceEther: formatUnits(balance, 18),
      nonce,
      isContract: code !== undefined && code !== "0x",
      tokens: read,
    };
  },
});

async function tokenBalance(chain: ChainClient, token: EvmAddress, owner: EvmAddress, blockNumber: bigint) {
  /** Null when the token reverts: metadata is optional in ERC-20. Other failures are the node's, and thrown. */
  const read = async (data: Hex): Promise<Hex | null> => {
    try {
      return (await call(chain, { to: token, data, blockNumber })).data ?? null;
    } catch (error) {
      if (/revert|invalid opcode|out of gas|stack/i.test(String((error as Error).message))) return null;
      throw error;
    }
  };
  const [units, decimals, symbol] = await Promise.all([
    read(encodeFunctionData({ abi: ERC20, functionName: "balanceOf", args: [owner] })),
    read(encodeFunctionData({ abi: ERC20, functionName: "decimals" })),
    read(encodeFunctionData({ abi: ERC20, functionName: "symbol" })),
  ]);
  const amount = uint(units);
  const places = uint(decimals);
  const known = places !== null && places <= 77n ? Number(places) : null;
  return {
    token,
    symbol: text(symbol),
    decimals: known,
    balanceUnits: amount?.toString() ?? null,
    balance: amount !== null && known !== null ? formatUnits(amount, known) : null,
    problem: amount !== null ? null : `${token} does not answer balanceOf at this block: it is no ERC-20 token there. Check the address and the chain.`,
  };
}

function uint(data: Hex | null): bigint | null {
  return data && data.length >= 66 ? BigInt(data.slice(0, 66)) : null;
}

/** Some old tokens give their symbol as bytes32. */
function text(data: Hex | null): string | null {
  if (!data || data.length < 66) return null;
  try {
    return data.length === 66 ? hexToString(trim(data, { dir: "right" })) : decodeAbiParameters([{ type: "string" }], data)[0].slice(0, 64);
  } catch {
    return null;
  }
}
