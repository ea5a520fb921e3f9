/** From touched pools to what is worth a trade. */
import { enumerateCycles, type Cycles } from "../flashloan/market/cycles.ts";
import type { Market } from "../flashloan/market/market.ts";
import type { Lender } from "../flashloan/lenders/lender.ts";
import { bestOpportunities, type Opportunity } from "../flashloan/opportunity.ts";
import { Scanner, type Found } from "../flashloan/sizing/scanner.ts";
import { lendersOf } from "./state/lenders.ts";

/** Found in doubles, as many are sized in exact integers. */
const MOST_TRIED = 200;

export interface SearchTerms {
  lenders: readonly Lender[];
  weiPerGas: bigint;
  /** Of the base token, in its smallest unit. */
  leastProfit: bigint;
  most: number;
}

export class Search {
  readonly #market: Market;
  readonly #isRefused: (place: number) => boolean;
  readonly #cycles: Cycles;
  readonly #scanner: Scanner;
  /** Places of pools whose cycles are to be solved; null for all. */
  #dirty: Set<number> | null = null;

  /**
   * @param base wrapped native token: profit and gas are counted in it
   * @param isRefused whether the pool at a place is not to be traded on now
   */
  constructor(market: Market, base: string, isRefused: (place: number) => boolean = () => false) {
    this.#market = market;
    this.#isRefused = isRefused;
    this.#cycles = enumerateCycles(market, [base]);
    this.#scanner = new Scanner(market, this.#cycles);
  }

  get cycles(): Cycles {
    return this.#cycles;
  }

  touch(places: readonly number[]): void {
    for (const place of places) this.#dirty?.add(place);
  }

  /** The best, by net profit. What earned something stays to be looked at, because the next block may make gas cheaper, or a gate open. */
  best({ lenders, weiPerGas, leastProfit, most }: SearchTerms): Opportunity[] {
    const options = { floors: [Number(leastProfit > 0n ? leastProfit : 1n)], most: MOST_TRIED };
    const found = (this.#dirty === null ? this.#scanner.all(options) : this.#scanner.touched([...this.#dirty], options)).filter((one) => this.#isTradable(one));
    this.#dirty = new Set(found.flatMap(({ cycle }) => this.#placesOf(cycle)));
    return bestOpportunities(this.#market, this.#cycles, found, {
      lenders: (legs) => lendersOf(lenders, legs), gasPrice: { weiPerGas, basePerWei: [1n, 1n] }, most,
    });
  }

  /** As `best`, of every cycle: for whoever asks once, with terms of its own. */
  all(terms: SearchTerms): Opportunity[] {
    this.#dirty = null;
    return this.best(terms);
  }

  #placesOf(cycle: number): number[] {
    return Array.from(this.#cycles.hops.subarray(this.#cycles.start[cycle]!, this.#cycles.start[cycle + 1]!), (hop) => hop >> 1);
  }

  #isTradable({ cycle }: Found): boolean {
    return this.#placesOf(cycle).every((place) => !this.#isRefused(place));
  }
}
