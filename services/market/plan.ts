/** An opportunity as the executor takes it. Pure. */
import type { Address, Hex } from "viem";
import { decodeErrorResult, decodeEventLog, decodeFunctionResult, encodeFunctionData, keccak256, toHex } from "viem/utils";
import { FLASH_EXECUTOR_ABI } from "../../contract/flash-executor.ts";
import { PIPS } from "../flashloan/integer.ts";
import { lenderId, type LenderKind } from "../flashloan/lenders/lender.ts";
import type { Opportunity } from "../flashloan/opportunity.ts";
import { legOutput, tokenIn, type Leg } from "../flashloan/pools/leg.ts";
import type { Receipt } from "./chain/answers.ts";

/** As `Lender` and `Venue` of contracts/ count them. */
const LENDERS: Record<LenderKind, number> = { "aave-v3": 0, "balancer-v2": 1, "uniswap-v2": 2, "uniswap-v3": 3 };
const VENUES: Record<Leg["pool"]["kind"], number> = { v2: 0, v3: 1 };

/** What tells opportunities apart: one at a block is one, by whichever head, event or process it was found. */
export const opportunityKey = (chainId: number, block: number, legs: readonly Leg[]): string =>
  `${chainId}:${block}:${keccak256(toHex(legs.map(({ pool, zeroForOne }) => `${pool.id}${zeroForOne ? ">" : "<"}`).join(""))).slice(2, 34)}`;

export interface PlanTerms {
  /** Under which the executor remembers it. */
  id: bigint;
  deadlineBlock: number;
  minProfit: bigint;
}

/** Calldata of `execute`. */
export function calldataOf({ legs, lender, amountIn }: Opportunity, { id, deadlineBlock, minProfit }: PlanTerms): Hex {
  return encodeFunctionData({ abi: FLASH_EXECUTOR_ABI, functionName: "execute", args: [{
    id, deadlineBlock: BigInt(deadlineBlock), lender: LENDERS[lender.kind], lenderPool: lenderId(lender) as Address, amount: amountIn, minProfit,
    legs: legs.map((leg) => ({ venue: VENUES[leg.pool.kind], pool: leg.pool.id as Address, tokenIn: tokenIn(leg).address as Address, feePpm: leg.pool.feePips })),
  }] });
}

/** What `execute` answers. */
export const profitOf = (output: Hex): bigint => decodeFunctionResult({ abi: FLASH_EXECUTOR_ABI, functionName: "execute", data: output });

/** Name of the executor's error and what it tells; the node's words where it is none of the executor's. */
export function revertReason(data: unknown, words: string): string {
  try {
    const { errorName, args = [] } = decodeErrorResult({ abi: FLASH_EXECUTOR_ABI, data: data as Hex });
    return `${errorName}(${args.join(", ")})`;
  } catch {
    return words;
  }
}

/** What a run has brought its owner, as the executor's own event tells; 0 where it reverted. */
export function realisedProfit({ logs }: Receipt, executor: Address, id: bigint): bigint {
  for (const { address, topics, data } of logs) {
    if (address !== executor.toLowerCase()) continue;
    const { eventName, args } = decodeEventLog({ abi: FLASH_EXECUTOR_ABI, topics: topics as [Hex, ...Hex[]], data });
    if (eventName === "Executed" && args.id === id) return args.profit;
  }
  return 0n;
}

/** The greatest share that a leg takes of its pair's reserve of the token that goes in, in millionths; a V3 pool refuses by itself what it cannot hold. */
export function reserveSharePpm({ legs, amountIn }: Opportunity): number {
  let [share, amount] = [0n, amountIn];
  for (const leg of legs) {
    const { pool, zeroForOne } = leg;
    if (pool.kind === "v2") {
      const own = (amount * PIPS) / (zeroForOne ? pool.reserve0 : pool.reserve1);
      if (own > share) share = own;
    }
    amount = legOutput(leg, amount);
  }
  return Number(share);
}
