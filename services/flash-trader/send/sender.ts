/** Signs, writes down, sends, and follows what it has sent: the only one who uses the account's nonces. */
import type { Address, Hex } from "viem";
import type { Books, Found, Outcome, Trade } from "../books/books.ts";
import type { Chain } from "../../market/chain/chain.ts";
import type { Receipt } from "../../market/chain/answers.ts";
import { realisedProfit } from "../../market/plan.ts";
import { spentInHour, type Spending, type Spent } from "../decide/budget.ts";
import type { Fees } from "../../market/fees.ts";
import { step, type Attempt, type FinalStatus, type Track, type TrackAction, type TrackPolicy } from "./track.ts";
import type { Wallet } from "./wallet.ts";

export interface SenderOptions {
  chain: Chain;
  chainId: number;
  books: Books;
  wallet: Wallet;
  executor: Address;
  policy: TrackPolicy;
  onStatus?(key: string, status: FinalStatus | "mined" | "sent", outcome: Outcome | null): void;
  /** The node did not take a transaction, or the books a line; the next head decides what to do. */
  onFault?(error: unknown): void;
  nowMs(): number;
}

/** A trade, ready to be signed. */
export interface Order { found: Found; planId: bigint; data: Hex; gas: bigint; fees: Fees; mostFeePerGas: bigint; deadlineBlock: number; head: number }

interface Held { track: Track; planId: bigint; data: Hex; gas: bigint; raw: Map<Hex, Hex> }

/** Of a transfer of nothing. */
const CANCEL_GAS = 21_000n;
const HOUR_MS = 3_600_000;

export class Sender {
  readonly #options: SenderOptions;
  readonly #held = new Map<string, Held>();
  /** By trade: one whose block is gone has cost nothing. */
  readonly #spendings = new Map<string, Spending>();
  #nonce = 0;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /**
   * Takes up what the books have open: what was signed is followed, what was only claimed is given up. Only for whoever has
   * just got the nonces' lease: the claims of another that still has it are no business of ours.
   */
  async recover(): Promise<void> {
    const { books, chainId, wallet, chain, nowMs } = this.#options;
    const spendings = await books.spendings(chainId, wallet.address, new Date(nowMs() - HOUR_MS));
    const open = await books.open(chainId, wallet.address);
    const own = new Map(this.#held);
    this.#held.clear();
    for (const trade of open) {
      if (trade.signatures.length === 0) await books.record(trade.key, "abandoned", { reason: "its process ended before it signed" });
      else this.#held.set(trade.key, ownOrElse(own.get(trade.key), trade));
    }
    this.#spendings.clear();
    spendings.forEach((spending, at) => this.#spendings.set(`before ${at}`, spending));
    this.#nonce = (await chain.account(wallet.address, [])).nonce;
  }

  /** Transactions that may still be mined. */
  get inFlight(): number {
    return [...this.#held.values()].filter(({ track }) => track.mined === null).length;
  }

  get spent(): Spent {
    const now = this.#options.nowMs();
    for (const [key, { atMs }] of this.#spendings) if (atMs <= now - HOUR_MS) this.#spendings.delete(key);
    return spentInHour([...this.#spendings.values()], now);
  }

  /** Signs, writes down, and sends, in this order: a process that ends between any two of them leaves enough to go on with. */
  async send({ found, planId, data, gas, fees, mostFeePerGas, deadlineBlock, head }: Order): Promise<Hex> {
    const nonce = Math.max(this.#nonce, ...[...this.#held.values()].map(({ track }) => track.nonce + 1));
    const track: Track = { key: found.key, nonce, deadlineBlock, attempts: [], mostFeePerGas, mined: null, unseen: 0 };
    const held: Held = { track, planId, data, gas, raw: new Map() };
    return this.#attempt(held, "trade", fees, head);
  }

  /**
   * Looks at what has become of everything that is not final, and does what is to be done.
   *
   * @param mayTrade without it no trade goes out again or is replaced; what takes its nonce back still does
   */
  async onHead(head: number, mayTrade: boolean): Promise<void> {
    const { chain, wallet } = this.#options;
    const tracks = [...this.#held.values()];
    const account = await chain.account(wallet.address, tracks.flatMap(({ track }) => track.attempts.map(({ hash }) => hash)));
    this.#nonce = account.nonce;
    for (const held of tracks.sort((a, b) => a.track.nonce - b.track.nonce)) {
      const heldBehind = tracks.some(({ track }) => track.nonce > held.track.nonce && this.#held.has(track.key));
      const { track, actions, done } = step(held.track, { head, nonce: account.nonce, attempts: account.attempts, heldBehind }, this.#options.policy);
      held.track = track;
      for (const action of actions) if (mayTrade || !this.#sendsTrade(held, action)) await this.#act(held, action, head);
      if (done) this.#held.delete(track.key);
    }
  }

  #sendsTrade({ track }: Held, action: TrackAction): boolean {
    if (action.kind === "replace") return action.with === "trade";
    return action.kind === "send-again" && track.attempts.find(({ hash }) => hash === action.hash)?.kind === "trade";
  }

  async #act(held: Held, action: TrackAction, head: number): Promise<void> {
    const { books, onStatus } = this.#options;
    const { key } = held.track;
    switch (action.kind) {
      case "send-again": return this.#broadcast(held.raw.get(action.hash)!);
      case "replace": return void await this.#attempt(held, action.with, action.fees, head);
      case "record": {
        const outcome = "receipt" in action && action.receipt ? this.#outcomeOf(held, action.receipt) : null;
        this.#spend(key, outcome);
        if (await books.record(key, action.status, { outcome })) onStatus?.(key, action.status, outcome);
      }
    }
  }

  async #attempt(held: Held, kind: Attempt["kind"], fees: Fees, head: number): Promise<Hex> {
    const { wallet, chainId, executor, books } = this.#options;
    const { nonce, key, deadlineBlock, mostFeePerGas } = held.track;
    const { raw, hash } = await wallet.sign(kind === "trade"
      ? { chainId, nonce, to: executor, data: held.data, gas: held.gas, fees }
      : { chainId, nonce, to: wallet.address, data: "0x", gas: CANCEL_GAS, fees });
    const attempt: Attempt = { hash, kind, fees, sentAt: head };
    await books.sign(key, { ...attempt, nonce, raw, deadlineBlock, mostFeePerGas });
    held.raw.set(hash, raw);
    held.track = { ...held.track, attempts: [...held.track.attempts, attempt] };
    this.#held.set(key, held);
    await this.#broadcast(raw);
    await books.record(key, "sent").catch((error: unknown) => this.#options.onFault?.(error));
    return hash;
  }

  /** A node that refuses it may still know it, or get it from another: the next head tells. */
  async #broadcast(raw: Hex): Promise<void> {
    await this.#options.chain.send(raw).catch((error: unknown) => this.#options.onFault?.(error));
  }

  #outcomeOf({ planId }: Held, receipt: Receipt): Outcome {
    const { hash, blockNumber, blockHash, gasUsed, effectiveGasPrice, succeeded } = receipt;
    return { hash, blockNumber, blockHash, gasUsed, gasCost: gasUsed * effectiveGasPrice, profit: succeeded ? realisedProfit(receipt, this.#options.executor, planId) : 0n };
  }

  #spend(key: string, outcome: Outcome | null): void {
    if (outcome === null) this.#spendings.delete(key);
    else this.#spendings.set(key, { atMs: this.#options.nowMs(), gas: outcome.gasCost, net: outcome.profit - outcome.gasCost, reverted: outcome.profit === 0n });
  }
}

/** What this process signed itself it can replace, unless another has signed for it meanwhile. */
const ownOrElse = (own: Held | undefined, trade: Trade): Held => (own?.track.attempts.length === trade.signatures.length ? own : heldOf(trade));

/** Calldata and gas of a trade that was signed before are in its bytes: only a cancellation is ever signed anew for it. */
function heldOf({ key, planId, signatures, outcome }: Trade): Held {
  const last = signatures.at(-1)!;
  return {
    planId, data: "0x", gas: CANCEL_GAS,
    raw: new Map(signatures.map(({ hash, raw }) => [hash, raw])),
    track: {
      key, nonce: last.nonce, deadlineBlock: last.deadlineBlock, attempts: signatures, unseen: 0,
      // No fee is left to raise: the calldata to sign anew is not at hand.
      mostFeePerGas: 0n,
      mined: outcome && { hash: outcome.hash, blockHash: outcome.blockHash, blockNumber: outcome.blockNumber },
    },
  };
}
