/**
 * What becomes of one trade between its signature and the block that nobody takes back. Pure: what the chain shows at a head
 * goes in, the next state and what to do about it come out.
 *
 * One nonce, and so at most one transaction on the chain, whatever is replaced or sent again. Its plan is worth nothing
 * after its deadline block, so a transaction that has vanished is harmless from then on, wherever it may still lie.
 */
import type { Hex } from "viem";
import type { Receipt } from "../../market/chain/answers.ts";
import { raised, type Fees } from "../../market/fees.ts";

export interface Attempt {
  hash: Hex;
  /** The trade, or a transfer of nothing to oneself that takes its nonce. */
  kind: "trade" | "cancel";
  fees: Fees;
  /** Head when it was sent first. */
  sentAt: number;
}

export interface Track {
  key: string;
  nonce: number;
  /** Last block that the plan may be part of. */
  deadlineBlock: number;
  /** Oldest first. */
  attempts: readonly Attempt[];
  /** What a unit of gas may cost before the trade earns nothing. */
  mostFeePerGas: bigint;
  mined: { hash: Hex; blockHash: Hex; blockNumber: number } | null;
  /** Heads in a row at which nothing was known of any attempt. */
  unseen: number;
}

/** What the chain shows of a track at a head. */
export interface Sight {
  head: number;
  /** Transactions of the account that are mined. */
  nonce: number;
  /** By hash: whether the node knows it, and its receipt. */
  attempts: ReadonlyMap<Hex, { known: boolean; receipt: Receipt | null }>;
  /** Whether a later nonce waits for this one. */
  heldBehind: boolean;
}

export interface TrackPolicy {
  /** Heads after which a transaction that waits is replaced by one with higher fees. */
  replaceAfterBlocks: number;
  /** Heads at which nothing must be known of it before it counts as dropped. */
  dropAfterBlocks: number;
  /** Blocks on top, its own included, before it counts as final. */
  confirmations: number;
}

export type FinalStatus = "succeeded" | "failed" | "cancelled" | "dropped" | "displaced";
export type TrackAction =
  /** The same bytes again: the same hash, so never a second transaction. */
  | { kind: "send-again"; hash: Hex }
  | { kind: "replace"; with: "trade" | "cancel"; fees: Fees }
  | { kind: "record"; status: "mined"; receipt: Receipt; attempt: Attempt }
  /** Its block is gone. */
  | { kind: "record"; status: "sent" }
  | { kind: "record"; status: FinalStatus; receipt: Receipt | null; attempt: Attempt | null };

export interface Step { track: Track; actions: TrackAction[]; done: boolean }

export function step(track: Track, sight: Sight, policy: TrackPolicy): Step {
  const found = [...track.attempts].map((attempt) => ({ attempt, receipt: sight.attempts.get(attempt.hash)?.receipt ?? null })).find(({ receipt }) => receipt !== null);
  if (found?.receipt) return onMined(track, sight, policy, found.attempt, found.receipt);
  const orphaned: TrackAction[] = track.mined ? [{ kind: "record", status: "sent" }] : [];
  const waiting = { ...track, mined: null };
  const known = track.attempts.some(({ hash }) => sight.attempts.get(hash)?.known);
  const unseen = known ? 0 : track.unseen + 1;
  const next = onWaiting({ ...waiting, unseen }, sight, policy, known);
  return { ...next, actions: [...orphaned, ...next.actions] };
}

function onMined(track: Track, { head }: Sight, { confirmations }: TrackPolicy, attempt: Attempt, receipt: Receipt): Step {
  const mined = { hash: attempt.hash, blockHash: receipt.blockHash, blockNumber: receipt.blockNumber };
  const actions: TrackAction[] = track.mined?.blockHash === receipt.blockHash && track.mined.hash === attempt.hash ? [] : [{ kind: "record", status: "mined", receipt, attempt }];
  const done = head - receipt.blockNumber + 1 >= confirmations;
  if (done) actions.push({ kind: "record", status: attempt.kind === "cancel" ? "cancelled" : receipt.succeeded ? "succeeded" : "failed", receipt, attempt });
  return { track: { ...track, mined, unseen: 0 }, actions, done };
}

function onWaiting(track: Track, sight: Sight, policy: TrackPolicy, known: boolean): Step {
  const last = track.attempts.at(-1)!;
  const patient = track.unseen < policy.dropAfterBlocks;
  const given = (...actions: TrackAction[]): Step => ({ track, actions, done: false });
  const ended = (status: FinalStatus): Step => ({ track, actions: [{ kind: "record", status, receipt: null, attempt: null }], done: true });
  if (sight.nonce > track.nonce) {
    // A receipt may lag behind the count; one that stays away means that somebody else has used the nonce.
    return patient ? given() : ended("displaced");
  }
  if (sight.head < track.deadlineBlock) {
    if (!known) return given({ kind: "send-again", hash: last.hash });
    const fees = raised(last.fees);
    const due = sight.head - last.sentAt >= policy.replaceAfterBlocks && fees.maxFeePerGas <= track.mostFeePerGas;
    return due ? given({ kind: "replace", with: "trade", fees }) : given();
  }
  // Nothing that is mined from here on can earn: the nonce is all that is left to be settled.
  if (!known && !sight.heldBehind) return patient ? given() : ended("dropped");
  const cancelled = last.kind === "cancel";
  if (cancelled && !known) return given({ kind: "send-again", hash: last.hash });
  if (!cancelled || sight.head - last.sentAt >= policy.replaceAfterBlocks) return given({ kind: "replace", with: "cancel", fees: raised(last.fees) });
  return given();
}
