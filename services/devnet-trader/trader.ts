/** One round a block: read, decide, set the price of gas, send. */
import type { Address, Hex } from "viem";
import { getBlock, getTransactionCount } from "viem/actions";
import { numberToHex } from "viem/utils";
import type { MarketBook } from "../../contract/market.ts";
import { sleep } from "../kit/backoff.ts";
import { decide, type Skipped } from "./decide.ts";
import { baseFeeWei } from "./fair-prices.ts";
import { readMarket, type ChainClient } from "./market-view.ts";
import { transactionOf } from "./transactions.ts";

export interface Round { blockNumber: number; sent: Hex[]; skipped: Skipped[] }

export interface TraderOptions {
  chain: ChainClient;
  book: MarketBook;
  seed: string;
  /** Shortest time between two rounds, in milliseconds. */
  pauseMs: number;
  onRound?(round: Round): void;
  /** A round failed; the next block is another. */
  onFailure?(error: unknown): void;
}

/** How often the chain is asked whether there is a block that has not been traded at, in milliseconds. */
const POLL_MS = 100;

export class Trader {
  readonly #options: TraderOptions;
  /** By hash, so that a block that took another's place is traded at too. */
  #traded: Hex | null = null;

  constructor(options: TraderOptions) {
    this.#options = options;
  }

  /** Trades at the newest block, once. @returns null where there is nothing new, or transactions of an earlier round still wait */
  async round(): Promise<Round | null> {
    const { chain, book, seed } = this.#options;
    const { trader } = book.accounts;
    const head = await getBlock(chain, { blockTag: "latest" });
    if (head.hash === this.#traded) return null;
    const [view, nonce, pending] = await Promise.all([
      readMarket(chain, book, head.number),
      getTransactionCount(chain, { address: trader, blockNumber: head.number }),
      getTransactionCount(chain, { address: trader, blockTag: "pending" }),
    ]);
    if (pending !== nonce) return null;
    const { trades, skipped } = decide(book, view, seed);
    this.#traded = head.hash;
    const sent: Hex[] = [];
    await call(chain, "anvil_setNextBlockBaseFeePerGas", numberToHex(baseFeeWei(seed, view.blockNumber)));
    for (const [index, trade] of trades.entries()) sent.push(await call(chain, "eth_sendTransaction", transactionOf(trade, trader, nonce + index)));
    return { blockNumber: view.blockNumber, sent, skipped };
  }

  /** Rounds until the signal fires. */
  async run(signal: AbortSignal): Promise<void> {
    const { pauseMs, onRound, onFailure } = this.#options;
    while (!signal.aborted) {
      let pause = POLL_MS;
      try {
        const round = await this.round();
        if (round) onRound?.(round);
        if (round) pause = pauseMs;
      } catch (error) {
        onFailure?.(error);
        pause = pauseMs;
      }
      await sleep(pause, signal).catch(() => undefined);
    }
  }
}

/** The chain signs transactions itself: it knows its own accounts' keys, and no other chain does. */
const call = (chain: ChainClient, method: string, parameter: unknown): Promise<Hex> =>
  (chain.request as (request: { method: string; params: unknown[] }) => Promise<Hex>)({ method, params: [parameter] });

/** @throws {Error} where the book is another chain's, or the chain does not hold the trader's key */
export async function checkChain(chain: ChainClient, book: MarketBook): Promise<void> {
  const chainId = Number(await chain.request({ method: "eth_chainId" }));
  if (chainId !== book.chainId) throw new Error(`The chain's id is ${chainId}, and the market's is ${book.chainId}: give the address book that was made with the chain.`);
  const accounts = await chain.request({ method: "eth_accounts" }) as readonly Address[];
  if (!accounts.some((account) => account.toLowerCase() === book.accounts.trader.toLowerCase())) {
    throw new Error(`The chain does not sign for the trader ${book.accounts.trader}: only the local chain does, and only with its own accounts.`);
  }
}
