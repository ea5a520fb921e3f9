/** The market at the newest block, for those who ask now and then: brought there by the blocks since, and only when asked. */
import type { MarketBook } from "../../contract/market.ts";
import type { Lender } from "../flashloan/lenders/lender.ts";
import type { Market } from "../flashloan/market/market.ts";
import type { Head } from "./chain/answers.ts";
import type { Chain } from "./chain/chain.ts";
import { ChainFault } from "./chain/fault.ts";
import { Search } from "./search.ts";
import { MarketFollower } from "./state/market-follower.ts";
import type { ReadMarket } from "./state/read-market.ts";

/** Changed in place when the next block is asked for: reckon with it before anything else is awaited. */
export interface MarketAtBlock {
  readonly head: Head;
  readonly market: Market;
  /** Of the base token, at this block; a pair lends beside them where it is a cycle's first leg. */
  readonly lenders: readonly Lender[];
  /** Pools with which nothing is reckoned, because their state is impossible. */
  readonly refused: ReadMarket["refused"];
}

/** Pools compared with the chain at each block that is asked for, beside those that changed. */
const SAMPLED = 4;

export class MarketReader {
  readonly chain: Chain;
  readonly book: MarketBook;
  readonly #follower: MarketFollower;
  #isChecked = false;
  #newest: MarketAtBlock | null = null;
  #turn: Promise<unknown> = Promise.resolve();
  #search: { of: Market; search: Search } | null = null;

  constructor(chain: Chain, book: MarketBook) {
    this.chain = chain;
    this.book = book;
    this.#follower = new MarketFollower({ chain, book, sampled: SAMPLED });
  }

  /** Wrapped native token: loans are taken in it, profit and gas are counted in it. */
  get base(): MarketBook["tokens"][number] {
    return this.book.tokens[0]!;
  }

  /** One after the other, so that nobody's market changes while it is being brought forward for another. @throws {ChainFault} */
  latest(): Promise<MarketAtBlock> {
    const turn = this.#turn.then(() => this.#latest());
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /** All cycles of that market through the base token, in which refused pools count for nothing. */
  searchOf({ market }: MarketAtBlock): Search {
    const { tracked } = this.#follower;
    if (this.#search?.of !== market) this.#search = { of: market, search: new Search(market, this.base.address, (place) => tracked.refusalOf(place) !== undefined) };
    return this.#search.search;
  }

  async #latest(): Promise<MarketAtBlock> {
    if (!this.#isChecked) await this.chain.demandChain(this.book.chainId);
    this.#isChecked = true;
    const head = await this.chain.latest();
    if (this.#newest?.head.hash === head.hash) return this.#newest;
    this.#newest = null;
    const follower = this.#follower;
    const known = follower.head !== null && follower.tracked.knows(head.hash) && follower.head.hash !== head.hash;
    const touched = follower.head === null || known ? await follower.readAnew(head).then(() => []) : follower.head.hash === head.hash ? [] : await follower.follow(head);
    let verified = await follower.verify(head, touched ?? []);
    if ("difference" in verified) {
      await follower.readAnew(head);
      verified = await follower.verify(head, []);
    }
    if ("difference" in verified) throw new ChainFault("wavering_answer", `Read anew, the market still differs from what the node tells: ${verified.difference}.`);
    this.#newest = { head, market: follower.tracked.market, lenders: verified.lenders, refused: follower.refused };
    return this.#newest;
  }
}
