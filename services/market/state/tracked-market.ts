/**
 * The market at the head of the chain, block by block, and back again. Every block keeps what it replaced, so that a block
 * which turns out to be on a branch that died is undone without asking anybody.
 */
import type { Hex } from "viem";
import type { Market } from "../../flashloan/market/market.ts";
import { Refusal, type RefusalReason } from "../../flashloan/refusal.ts";
import type { Head, Log } from "../chain/answers.ts";
import { afterLog, type TrackedPool } from "./pool-events.ts";

export interface Block { head: Head; logs: readonly Log[] }

interface Entry {
  head: Head;
  /** States and refusals as they were before, by place. */
  before: Map<number, { pool: TrackedPool; refused: RefusalReason | undefined }>;
}

/** Blocks that can be undone: two epochs of Ethereum, beyond which nothing has been reorganised. */
export const KEPT_BLOCKS = 64;

export class TrackedMarket {
  readonly market: Market;
  /** Oldest first; the first one is only known, not undone. */
  readonly #entries: Entry[];
  readonly #kept: number;
  readonly #places = new Map<string, number>();
  readonly #refused = new Map<number, RefusalReason>();

  /** @param market of tracked pools, at this head */
  constructor(market: Market, head: Head, kept = KEPT_BLOCKS) {
    this.market = market;
    this.#kept = kept;
    this.#entries = [{ head, before: new Map() }];
    market.pools.forEach(({ id }, place) => this.#places.set(id, place));
  }

  get head(): Head {
    return this.#entries.at(-1)!.head;
  }

  /** Whether a block is the head or one that can be gone back to. */
  knows(hash: Hex): boolean {
    return this.#entries.some(({ head }) => head.hash === hash);
  }

  /** Why a pool is not to be traded on: its state on the chain is impossible. */
  refusalOf(place: number): RefusalReason | undefined {
    return this.#refused.get(place);
  }

  /** A child of the head. @returns places of the pools that it touched @throws {Error} where it is another block's child */
  follow({ head, logs }: Block): number[] {
    if (head.parentHash !== this.head.hash) throw new Error(`Block ${head.number} (${head.hash}) is a child of ${head.parentHash}, not of the head ${this.head.hash}: undo to its parent first.`);
    const entry: Entry = { head, before: new Map() };
    this.#entries.push(entry);
    if (this.#entries.length > this.#kept + 1) this.#entries.shift();
    for (const log of logs) this.#take(log, entry);
    return [...entry.before.keys()];
  }

  /** Goes back until this block is the head. @returns places of the pools that have another state now */
  undoTo(hash: Hex): number[] {
    if (!this.knows(hash)) throw new Error(`Block ${hash} is none of the last ${this.#kept}: read the market anew.`);
    const touched = new Set<number>();
    while (this.head.hash !== hash) {
      for (const [place, { pool, refused }] of this.#entries.pop()!.before) {
        this.market.update(pool);
        if (refused === undefined) this.#refused.delete(place);
        else this.#refused.set(place, refused);
        touched.add(place);
      }
    }
    return [...touched];
  }

  #take(log: Log, { before }: Entry): void {
    const place = this.#places.get(log.address);
    if (place === undefined) return;
    const pool = this.market.pools[place] as TrackedPool;
    const refused = this.#refused.get(place);
    let after: TrackedPool;
    try {
      after = afterLog(pool, log);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (!before.has(place)) before.set(place, { pool, refused });
      this.#refused.set(place, error.reason);
      return;
    }
    if (after === pool) return;
    if (!before.has(place)) before.set(place, { pool, refused });
    this.market.update(after);
    // A pair tells its whole state with each log; a V3 pool that a log did not fit stays out until it is read anew.
    if (after.kind === "v2") this.#refused.delete(place);
  }
}
