/** A plan at the newest block: an opportunity, the best or one the caller names, as an unsigned transaction to the executor. */
import { randomBytes } from "node:crypto";
import type { Hex } from "viem";
import { MOST_BLOCKS_OLD } from "../../../../contract/trading.ts";
import { appraise, type Opportunity } from "../../../flashloan/opportunity.ts";
import { UserFault } from "../../../kit/errors.ts";
import { nextBaseFee } from "../../../market/fees.ts";
import type { MarketAtBlock } from "../../../market/market-reader.ts";
import { calldataOf } from "../../../market/plan.ts";
import { lendersOf } from "../../../market/state/lenders.ts";
import { legsOf } from "../../shared/market/cycle.ts";
import { latestMarket, reckon } from "../../shared/market/market-source.ts";
import type { Deps } from "./deps.ts";

export interface Plan {
  at: MarketAtBlock;
  opportunity: Opportunity;
  deadlineBlock: number;
  /** What the executor asks for at least, or reverts: the gas, but not more than is predicted. */
  minProfit: bigint;
  data: Hex;
}

/** Drawn anew for each plan, so that no other plan has it; the trader takes its own from its books. */
const newId = (): bigint => BigInt(`0x${randomBytes(32).toString("hex")}`);

/** @param pools of a cycle; the best of the whole market without them @throws {UserFault} where nothing is left after gas */
export async function planTrade(deps: Deps, pools: readonly string[] | undefined, tipWei: bigint): Promise<Plan> {
  const at = await latestMarket(deps);
  const weiPerGas = nextBaseFee(at.head) + tipWei;
  const opportunity = reckon(() => {
    if (pools === undefined) return deps.reader.searchOf(at).all({ lenders: at.lenders, weiPerGas, leastProfit: 1n, most: 1 })[0] ?? null;
    const legs = legsOf(at, deps.reader.base.address, pools);
    return appraise(legs, { lenders: lendersOf(at.lenders, legs), gasPrice: { weiPerGas, basePerWei: [1n, 1n] } }).best;
  });
  if (opportunity === null) throw new UserFault(`${pools === undefined ? "No cycle leaves" : "This cycle does not leave"} anything after premium and gas at block ${at.head.number}.`);
  const deadlineBlock = at.head.number + MOST_BLOCKS_OLD;
  const minProfit = opportunity.gasCost < opportunity.profit ? opportunity.gasCost : opportunity.profit;
  return { at, opportunity, deadlineBlock, minProfit, data: calldataOf(opportunity, { id: newId(), deadlineBlock, minProfit }) };
}
