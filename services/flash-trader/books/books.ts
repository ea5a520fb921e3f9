/** The books: every opportunity that was taken, what was signed for it, and what came of it. */
import type { Hex } from "viem";
import { FINAL_TRADE_STATUSES, type TradeStatus } from "../../../contract/trading.ts";
import type { LenderKind } from "../../flashloan/lenders/lender.ts";
import type { Spending } from "../decide/budget.ts";
import type { Attempt } from "../send/track.ts";

/** How an opportunity begins: nothing has been signed yet. */
export interface Found {
  /** What tells it from every other: taken once, by whoever comes first. */
  key: string;
  chainId: number;
  block: number;
  blockHash: Hex;
  account: string;
  /** The base token. */
  token: string;
  /** Addresses of the pools, in the order of the legs. */
  pools: readonly string[];
  lender: LenderKind;
  lenderAddress: string;
  amount: bigint;
  predictedProfit: bigint;
  predictedGasCost: bigint;
  mode: "dry-run" | "live";
}

export type Status = TradeStatus;
export const FINAL_STATUSES = FINAL_TRADE_STATUSES;

/** What the chain has made of it. */
export interface Outcome {
  hash: Hex;
  blockNumber: number;
  blockHash: Hex;
  gasUsed: bigint;
  /** Wei. */
  gasCost: bigint;
  /** Of the base token, before gas. */
  profit: bigint;
}

export interface Signature extends Attempt {
  nonce: number;
  raw: Hex;
  /** Last block that the plan may be part of. */
  deadlineBlock: number;
  mostFeePerGas: bigint;
}

export interface Trade extends Found {
  /** Under which the executor remembers it. */
  planId: bigint;
  status: Status;
  /** Name of the gate, or what the chain has said. */
  reason: string | null;
  signatures: readonly Signature[];
  outcome: Outcome | null;
  foundAt: Date;
  changedAt: Date;
}

/** Everything is durable when a call resolves. */
export interface Books {
  /** @returns the plan's id, or null where the key is taken already */
  claim(found: Found): Promise<bigint | null>;
  /** Before anything is sent. The first signature makes a claim `signed`. */
  sign(key: string, signature: Signature): Promise<void>;
  /** A final status stays. @returns whether it was changed */
  record(key: string, status: Status, more?: { reason?: string; outcome?: Outcome | null }): Promise<boolean>;
  /** Trades of a chain and account that have no final status, oldest first. */
  open(chainId: number, account: string): Promise<Trade[]>;
  /** @returns null where the books have none */
  get(key: string): Promise<Trade | null>;
  /** Newest first. @param before a trade's plan id; from the newest without it */
  list(options: { limit: number; before?: bigint }): Promise<Trade[]>;
  /** What mined transactions of an account have cost since then. */
  spendings(chainId: number, account: string, since: Date): Promise<Spending[]>;
  /** Strikes out what ended before then without a signature: rehearsals, refusals, abandoned claims. @returns how many */
  forgetUnsent(before: Date): Promise<number>;
}
