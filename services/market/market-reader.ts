/** The market at the newest block, for those who ask now and then: read once a block, and only when asked. */
import type { MarketBook } from "../../contract/market.ts";
import type { Lender } from "../flashloan/lenders/lender.ts";
import { Market } from "../flashloan/market/market.ts";
import type { Head } from "./chain/answers.ts";
import type { Chain } from "./chain/chain.ts";
import { readViews } from "./chain/multicall.ts";
import { Search } from "./search.ts";
import { readLenders } from "./state/lenders.ts";
import { readMarket, type ReadMarket } from "./state/read-market.ts";

export interface MarketAtBlock {
  readonly head: Head;
  readonly market: Market;
  /** Of the base token, at this block; a pair lends beside them where it is a cycle's first leg. */
  readonly lenders: readonly Lender[];
  /** Pools that are left out, because their state is impossible. */
  readonly refused: ReadMarket["refused"];
}

export class MarketReader {
  readonly chain: Chain;
  readonly book: MarketBook;
  #newest: { hash: string; read: Promise<MarketAtBlock> } | null = null;
  #checked: Promise<void> | null = null;
  #search: { at: MarketAtBlock; search: Search } | null = null;

  constructor(chain: Chain, book: MarketBook) {
    this.chain = chain;
    this.book = book;
  }

  /** Wrapped native token: loans are taken in it, profit and gas are counted in it. */
  get base(): MarketBook["tokens"][number] {
    return this.book.tokens[0]!;
  }

  /** @throws {ChainFault} */
  async latest(): Promise<MarketAtBlock> {
    await (this.#checked ??= this.chain.demandChain(this.book.chainId).catch((error: unknown) => {
      this.#checked = null;
      throw error;
    }));
    const head = await this.chain.latest();
    if (this.#newest?.hash !== head.hash) {
      const read = this.#read(head);
      const newest = { hash: head.hash, read };
      this.#newest = newest;
      read.catch(() => { if (this.#newest === newest) this.#newest = null; });
    }
    return await this.#newest.read;
  }

  /** All cycles of that market through the base token; kept until another block is searched. */
  searchOf(at: MarketAtBlock): Search {
    if (this.#search?.at !== at) this.#search = { at, search: new Search(at.market, this.base.address) };
    return this.#search.search;
  }

  async #read(head: Head): Promise<MarketAtBlock> {
    const { chain, book } = this;
    const [{ pools, refused }, lenders] = await Promise.all([readMarket(chain, book, head.hash), readLenders(chain, book, this.base.address, head.hash)]);
    const market = new Market(pools);
    const balances = await readViews(chain, book.multicall3, head.hash, lenders.views) as bigint[];
    return { head, market, lenders: lenders.lenders(balances, market), refused };
  }
}
