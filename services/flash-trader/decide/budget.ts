/** What the last hour has cost. Pure. */

export interface Spending {
  atMs: number;
  /** Wei. */
  gas: bigint;
  /** Wei; below 0 a loss. */
  net: bigint;
  reverted: boolean;
}

const HOUR_MS = 3_600_000;

export interface Spent { gas: bigint; loss: bigint; reverts: number }

/** Losses are added up without the gains between them: ten small thefts are not made good by a lucky hour. */
export function spentInHour(spendings: readonly Spending[], nowMs: number): Spent {
  const spent: Spent = { gas: 0n, loss: 0n, reverts: 0 };
  for (const { atMs, gas, net, reverted } of spendings) {
    if (atMs <= nowMs - HOUR_MS) continue;
    spent.gas += gas;
    if (net < 0n) spent.loss -= net;
    if (reverted) spent.reverts++;
  }
  return spent;
}
