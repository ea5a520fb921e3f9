/**
 * The hot path, one round a head: the chain's blocks into the market's state, touched cycles, the best size and lender, gates,
 * the exact transaction simulated, signed, sent, followed. Nothing else stands between a block and a transaction.
 */
import type { Hex } from "viem";
import type { MarketBook } from "../../contract/market.ts";
import type { Books } from "./books/books.ts";
import type { Head } from "../market/chain/answers.ts";
import type { Chain } from "../market/chain/chain.ts";
import { ChainFault } from "../market/chain/fault.ts";
import type { Spent } from "./decide/budget.ts";
import type { KillSwitch } from "./decide/kill-switch.ts";
import { LivePermit } from "./decide/live-permit.ts";
import { Execution } from "./execution.ts";
import { Search } from "../market/search.ts";
import { nextBaseFee } from "../market/fees.ts";
import type { NonceLease } from "./send/nonce-lease.ts";
import { Sender } from "./send/sender.ts";
import type { Wallet } from "./send/wallet.ts";
import type { TraderSettings } from "./settings.ts";
import { MarketFollower } from "../market/state/market-follower.ts";
import type { Watcher } from "./watcher.ts";

export interface TraderOptions {
  chain: Chain;
  book: MarketBook;
  books: Books;
  wallet: Wallet;
  lease: NonceLease;
  killSwitch: KillSwitch;
  settings: TraderSettings;
  watcher?: Watcher;
  /** Leave for single live trades; never given without it. */
  permit?: LivePermit;
  nowMs?(): number;
}

export class FlashTrader {
  readonly #options: TraderOptions;
  readonly #watcher: Watcher;
  readonly #sender: Sender;
  readonly #follower: MarketFollower;
  readonly #execution: Execution;
  #search: Search | null = null;
  #halted: string | null = null;
  /** The nonces' lease was held at the last round, and what the books have open is known. */
  #owns = false;
  #round: Promise<void> = Promise.resolve();
  #next: Hex | null = null;

  constructor(options: TraderOptions) {
    const { book, chain, books, wallet, lease, killSwitch, settings, watcher = {}, permit = new LivePermit(), nowMs = Date.now } = options;
    this.#options = options;
    this.#watcher = watcher;
    this.#sender = new Sender({
      chain, books, wallet, chainId: settings.chainId, executor: book.executor, policy: settings.policy, nowMs,
      onStatus: (key, status, outcome) => {
        if (status === "displaced") this.#halt("foreign_nonce", "another process has used a nonce of this account");
        watcher.status?.(key, status, outcome);
      },
      onFault: (error) => watcher.fault?.(error),
    });
    this.#follower = new MarketFollower({
      chain, book, sampled: settings.sampled, onFault: (fault) => watcher.fault?.(fault), onReorganised: (from, to) => watcher.reorganised?.(from, to),
    });
    this.#execution = new Execution({ chain, book, books, wallet, lease, killSwitch, settings, watcher, permit, nowMs, sender: this.#sender, halted: () => this.#halted });
  }

  /** Whether a trade would go out now; a rehearsal does everything but that. */
  get live(): boolean {
    return this.#execution.live;
  }

  get halted(): string | null {
    return this.#halted;
  }

  get head(): Head | null {
    return this.#follower.head;
  }

  /** Transactions that may still be mined. */
  get inFlight(): number {
    return this.#sender.inFlight;
  }

  /** Of the last hour. */
  get spent(): Spent {
    return this.#sender.spent;
  }

  /** Every pool, as it is at the head. */
  get pools(): ReturnType<MarketFollower["pools"]> {
    return this.#follower.pools(this.#follower.tracked.market.pools.map((_, place) => place));
  }

  /** @throws {ChainFault} where the chain is another or does not answer */
  async start(): Promise<void> {
    await this.#options.chain.demandChain(this.#options.settings.chainId);
    await this.#options.chain.latest().then((head) => this.#follower.readAnew(head));
    this.#searchAnew();
  }

  /** A head by its hash. Rounds follow each other; while one is under way, of those that come only the last is looked at. */
  onHead(hash: Hex): Promise<void> {
    const waiting = this.#next !== null;
    this.#next = hash;
    if (waiting) return this.#round;
    this.#round = this.#round.then(async () => {
      const next = this.#next!;
      this.#next = null;
      try {
        await this.#at(next);
      } catch (error) {
        this.#watcher.fault?.(error);
      }
    });
    return this.#round;
  }

  /** Resolves when the round under way has ended. */
  async idle(): Promise<void> {
    await this.#round;
  }

  #searchAnew(): void {
    const { tracked } = this.#follower;
    this.#search = new Search(tracked.market, this.#options.book.tokens[0]!.address, (place) => tracked.refusalOf(place) !== undefined);
  }

  async #at(hash: Hex): Promise<void> {
    const { chain, settings, lease, killSwitch } = this.#options;
    const follower = this.#follower;
    const began = performance.now();
    let nodeMs = 0;
    const node = async <T>(asked: Promise<T>): Promise<T> => {
      const since = performance.now();
      try {
        return await asked;
      } finally {
        nodeMs += performance.now() - since;
      }
    };
    const { tracked } = follower;
    if (hash === tracked.head.hash) return;
    if (tracked.knows(hash)) throw new ChainFault("old_block", `The node tells block ${hash} as its head, which lies below block ${tracked.head.number}.`);
    const head = await node(chain.head(hash));
    const touched = await node(follower.follow(head));
    if (touched === null) this.#searchAnew();
    else this.#search!.touch(touched);

    const verified = await node(follower.verify(head, touched ?? []));
    if ("difference" in verified) this.#halt("state_mismatch", verified.difference);
    // Whoever else may have the nonces follows what was sent, too.
    if (lease.held()) {
      if (!this.#owns) await node(this.#sender.recover());
      this.#owns = true;
      await node(this.#sender.onHead(head.number, this.#sender.inFlight === 0 || (this.#halted === null && await killSwitch.ask() === "clear")));
    } else {
      this.#owns = false;
    }
    if ("difference" in verified) return;
    const { lenders } = verified;
    const opportunities = this.#search!.best({ lenders, weiPerGas: nextBaseFee(head) + settings.tip, leastProfit: settings.limits.leastNetProfit, most: settings.most });
    this.#watcher.round?.({ head, touched: touched && follower.pools(touched), opportunities, nodeMs, totalMs: performance.now() - began });
    for (const opportunity of opportunities) if (await this.#execution.take(opportunity, head, began)) break;
  }

  /** Until the process is started again: what is wrong is not known, so nothing is repaired. */
  #halt(name: string, message: string): void {
    if (this.#halted !== null) return;
    this.#halted = `${name}: ${message}`;
    this.#watcher.halted?.(this.#halted);
  }
}
