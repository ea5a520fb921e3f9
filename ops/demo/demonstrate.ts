/** One live trade on the local chain, from the next opportunity to its final receipt. */
import { setTimeout as sleep } from "node:timers/promises";
import { Problem } from "../../contract/tasks.ts";
import { FINAL_TRADE_STATUSES, Trade, TraderState, type LiveTradeRequest } from "../../contract/trading.ts";
import type { z } from "zod";
import { callEdge, type Edge } from "../system/edge.ts";
import { failed, misused } from "../system/failure.ts";

export interface Watching {
  /** Everything is in order, and it waits for the next opportunity. */
  waiting(state: TraderState): void;
  /** It is sent. */
  sent(trade: Trade): void;
  /** It earned nothing, and the next one is waited for. */
  missed(trade: Trade): void;
}

const POLL_MS = 200;
/** A request to the trader ends well before the time limit of a call. */
const ASK_MS = 5_000;

/**
 * @param trader its HTTP side with `/v1`, and the administrator's token
 * @returns the trade in its final status; the last one where none succeeded in time
 * @throws {Failure} with exit code 1 where none was sent in time, 2 where the deployment or the trader's state allows none
 */
export async function demonstrate(trader: Edge, timeoutMs: number, watching: Watching): Promise<Trade> {
  const deadline = performance.now() + timeoutMs;
  const left = (): number => Math.round(deadline - performance.now());
  const state = TraderState.parse(await callEdge(trader, "GET", "/state"));
  demandReady(state);
  const { chainId } = state;
  watching.waiting(state);
  for (;;) {
    const sent = await nextTrade(trader, chainId, left);
    if (sent === null) throw failed(`within ${timeoutMs / 1_000} s no opportunity passed every gate: ${trader.url.replace(/v1$/, "metrics")} counts the refusals by gate; --timeout waits longer.`);
    watching.sent(sent);
    const ended = await settled(trader, sent, left);
    if (ended.status === "succeeded" || left() <= 0) return ended;
    watching.missed(ended);
  }
}

async function nextTrade(trader: Edge, chainId: number, left: () => number): Promise<Trade | null> {
  while (left() > 100) {
    const request: z.input<typeof LiveTradeRequest> = { chainId, withinMs: Math.max(100, Math.min(ASK_MS, left())) };
    try {
      return Trade.parse(await callEdge(trader, "POST", "/live-trades", request));
    } catch (error) {
      if (Problem.safeParse((error as Error).cause).data?.status !== 504) throw error;
    }
  }
  return null;
}

async function settled(trader: Edge, { key }: Trade, left: () => number): Promise<Trade> {
  for (;;) {
    const trade = Trade.parse(await callEdge(trader, "GET", `/trades/${encodeURIComponent(key)}`));
    if (FINAL_TRADE_STATUSES.includes(trade.status) || left() <= 0) return trade;
    await sleep(POLL_MS);
  }
}

function demandReady({ halted, killSwitch, leaseHeld, liveChainId, chainId }: TraderState): void {
  if (liveChainId !== chainId) throw misused(`the stack allows live trades on ${liveChainId === null ? "no chain" : `chain ${liveChainId}`}, and its chain is ${chainId}: set mcp:trading.liveChainId to ${chainId}, then "./mcp up".`);
  if (halted !== null) throw misused(`trading has stopped (${halted}): "./mcp logs flash-trader" tells more, "./mcp restart flash-trader" starts it again.`);
  if (killSwitch === "set") throw misused("the kill switch is set: remove the trader's stop file, or the key /trading/kill-switch in etcd.");
  if (killSwitch === "unreachable") throw failed('the kill switch cannot be asked, which counts as set: "./mcp status" shows whether etcd runs.');
  if (!leaseHeld) throw failed("the trader does not hold its account's nonces: another process may. Within ten seconds of that one's end it does.");
}
