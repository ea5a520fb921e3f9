/** The market at the newest block: by the blocks' logs, undone where a branch dies, and compared with the chain at every one. */
import type { Address } from "viem";
import type { MarketBook } from "../../../contract/market.ts";
import type { Lender } from "../../flashloan/lenders/lender.ts";
import { Market } from "../../flashloan/market/market.ts";
import { sleep } from "../../kit/backoff.ts";
import type { Head } from "../chain/answers.ts";
import type { Chain } from "../chain/chain.ts";
import { ChainFault, type ChainFaultReason } from "../chain/fault.ts";
import { readViews } from "../chain/multicall.ts";
import { readLenders, type LenderBook } from "./lenders.ts";
import type { TrackedPool } from "./pool-events.ts";
import { readMarket, type ReadMarket } from "./read-market.ts";
import { placesToSample, sampleOf } from "./sample.ts";
import { KEPT_BLOCKS, TrackedMarket } from "./tracked-market.ts";

export interface FollowerOptions {
  chain: Chain;
  book: MarketBook;
  /** Pools sampled at each block beside those that it touched. */
  sampled: number;
  onFault?(fault: ChainFault): void;
  onReorganised?(from: Head, to: Head): void;
}

/** Of a sample, before a difference counts as one; and the pause between two. */
const MOST_READINGS = 3;
const READING_PAUSE_MS = 20;
/** Too many blocks are missing; or the chain has begun anew, and knows its head but not where it came from. */
const READ_ANEW: readonly ChainFaultReason[] = ["gap_too_wide", "block_gone"];

export class MarketFollower {
  readonly #options: FollowerOptions;
  readonly #base: Address;
  #now: { tracked: TrackedMarket; lenders: LenderBook; refused: ReadMarket["refused"] } | null = null;
  #turn = 0;

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.#base = options.book.tokens[0]!.address;
  }

  /** @throws {Error} before the market was read for the first time */
  get tracked(): TrackedMarket {
    if (this.#now === null) throw new Error("The market has not been read: call readAnew first.");
    return this.#now.tracked;
  }

  get head(): Head | null {
    return this.#now?.tracked.head ?? null;
  }

  /** Pools whose state is impossible, and why: when the market was read, or since. */
  get refused(): ReadMarket["refused"] {
    const { tracked, refused } = this.#now!;
    return [...refused, ...tracked.market.pools.flatMap(({ id }, place) => {
      const reason = tracked.refusalOf(place);
      return reason === undefined ? [] : [{ pool: id as Address, reason }];
    })];
  }

  pools(places: readonly number[]): TrackedPool[] {
    return places.map((place) => this.tracked.market.pools[place] as TrackedPool);
  }

  /** @throws {ChainFault} */
  async readAnew(head: Head): Promise<void> {
    const { chain, book } = this.#options;
    const [{ pools, refused }, lenders] = await Promise.all([readMarket(chain, book, head.hash), readLenders(chain, book, this.#base, head.hash)]);
    this.#now = { tracked: new TrackedMarket(new Market(pools), head), lenders, refused };
  }

  /**
   * Brings the market to this head: by its blocks, after undoing those of a branch that died.
   *
   * @returns places of the pools that have another state; null where the whole market had to be read anew
   * @throws {ChainFault}
   */
  async follow(head: Head): Promise<number[] | null> {
    const { chain, onFault, onReorganised } = this.#options;
    const { tracked } = this;
    let heads: Head[];
    try {
      heads = await chain.branch(head, (hash) => tracked.knows(hash), KEPT_BLOCKS);
    } catch (error) {
      if (!(error instanceof ChainFault) || !READ_ANEW.includes(error.reason)) throw error;
      onFault?.(error);
      await this.readAnew(head);
      return null;
    }
    const logs = await chain.logs(heads);
    const [from, parent] = [tracked.head, heads[0]!.parentHash];
    const touched = new Set(parent === from.hash ? [] : tracked.undoTo(parent));
    if (parent !== from.hash) onReorganised?.(from, head);
    heads.forEach((next, at) => tracked.follow({ head: next, logs: logs[at]! }).forEach((place) => touched.add(place)));
    return [...touched];
  }

  /**
   * Part of the state and all lenders, asked at this very block.
   *
   * @returns the lenders, or in words where state and chain differ
   * @throws {ChainFault}
   */
  async verify(head: Head, touched: readonly number[]): Promise<{ lenders: readonly Lender[] } | { difference: string }> {
    const { chain, book, sampled } = this.#options;
    const { tracked, lenders } = this.#now!;
    const { market } = tracked;
    const turn = this.#turn++;
    const places = placesToSample(touched, market.pools.length, turn, sampled).filter((place) => tracked.refusalOf(place) === undefined);
    const sample = sampleOf(this.pools(places), turn);
    for (let reading = 1; ; reading++) {
      const answers = await readViews(chain, book.multicall3, head.hash, [...sample.views, ...lenders.views]);
      const difference = sample.difference(answers.slice(0, sample.views.length));
      if (difference === null && reading === 1) return { lenders: lenders.lenders(answers.slice(sample.views.length) as bigint[], market) };
      // Asked for its newest block while the next is being made, anvil answers from the next one's state.
      if (difference === null) throw new ChainFault("wavering_answer", `The node told two states of one pool at block ${head.number} (${head.hash}).`);
      if (reading === MOST_READINGS) return { difference: `pool ${difference.pool} at block ${head.number}: ${difference.message}` };
      await sleep(READING_PAUSE_MS);
    }
  }
}
