/** The trader on its chain: heads come in, watchers are told, and it says what it lacks. */
import type { Registry } from "prom-client";
import type { MarketBook } from "../../contract/market.ts";
import type { GatesAnswer, TraderState } from "../../contract/trading.ts";
import type { Books } from "./books/books.ts";
import { Chain } from "../market/chain/chain.ts";
import { followHeads } from "../market/chain/head-feed.ts";
import { HttpRpc } from "../market/chain/rpc.ts";
import type { KillSwitch } from "./decide/kill-switch.ts";
import type { LivePermit } from "./decide/live-permit.ts";
import { Refusals } from "./decide/refusals.ts";
import type { NonceLease } from "./send/nonce-lease.ts";
import type { Wallet } from "./send/wallet.ts";
import type { TraderSettings } from "./settings.ts";
import type { TrackedPool } from "../market/state/pool-events.ts";
import { createTraderMetrics, type TraderMetrics } from "./tell/metrics.ts";
import { limitsView, spentView } from "./tell/views.ts";
import { FlashTrader } from "./trader.ts";
import { together, type Watcher } from "./watcher.ts";

export interface RunningTraderOptions {
  rpcUrl: string;
  headsUrl: string;
  pollMs: number;
  book: MarketBook;
  books: Books;
  wallet: Wallet;
  lease: NonceLease;
  killSwitch: KillSwitch;
  settings: TraderSettings;
  permit: LivePermit;
  metrics: Registry;
  /** @param pools every pool at the head */
  watchers(pools: () => readonly TrackedPool[]): readonly Watcher[];
  onWatcherError(error: unknown): void;
}

export class RunningTrader {
  readonly #options: RunningTraderOptions;
  readonly #chain: Chain;
  readonly #trader: FlashTrader;
  readonly #metrics: TraderMetrics;
  readonly #stopping = new AbortController();
  readonly #refusals = new Refusals();
  #watcher: Watcher;
  #feeding: Promise<void> = Promise.resolve();

  constructor(options: RunningTraderOptions) {
    const { book, books, wallet, lease, killSwitch, settings, permit, metrics, watchers, onWatcherError } = options;
    this.#options = options;
    this.#chain = new Chain(new HttpRpc(options.rpcUrl));
    // A failed start is tried again with the same registry.
    for (const name of metrics.getMetricsAsArray().map((metric) => metric.name)) if (name.startsWith("flash_trader_")) metrics.removeSingleMetric(name);
    this.#metrics = createTraderMetrics(metrics, {
      headTimestamp: () => this.#trader.head?.timestamp ?? null, headNumber: () => this.#trader.head?.number ?? null, halted: () => this.#trader.halted !== null,
      live: () => this.#trader.live, leaseHeld: () => lease.held(), inFlight: () => this.#trader.inFlight,
    });
    this.#watcher = together([this.#metrics, this.#refusals, ...watchers(() => this.#trader.pools)], onWatcherError);
    this.#trader = new FlashTrader({ chain: this.#chain, book, books, wallet, lease, killSwitch, settings, permit, watcher: this.#watcher });
  }

  /** Reads the market, and follows the chain from then on. @throws {ChainFault} */
  async start(): Promise<void> {
    await this.#trader.start();
    const { headsUrl: url, pollMs } = this.#options;
    this.#feeding = followHeads({
      url, pollMs, latest: async () => (await this.#chain.latest()).hash, onHead: (hash) => void this.#trader.onHead(hash),
      onConnection: (connected) => this.#metrics.pushed(connected), onFault: (fault) => this.#watcher.fault?.(fault),
    }, this.#stopping.signal);
  }

  /** What keeps it from trading. */
  missing(): string[] {
    const { lease, settings } = this.#options;
    const { head, halted } = this.#trader;
    return [
      ...(head !== null && Date.now() - head.timestamp * 1_000 <= settings.mostHeadAgeMs ? [] : ["chain"]),
      ...(halted === null ? [] : [`trading: ${halted.split(":")[0]}`]),
      ...(lease.held() ? [] : ["nonce lease"]),
    ];
  }

  async state(): Promise<TraderState> {
    const { book, wallet, lease, killSwitch, settings } = this.#options;
    return {
      chainId: settings.chainId, mode: settings.mode, liveChainId: settings.liveChainId, live: this.#trader.live, account: wallet.address.toLowerCase(),
      executor: book.executor.toLowerCase(), head: this.#trader.head?.number ?? null, halted: this.#trader.halted, killSwitch: await killSwitch.ask() ?? "unreachable",
      leaseHeld: lease.held(), inFlight: this.#trader.inFlight, limits: limitsView(settings.limits), spent: spentView(this.#trader.spent),
    };
  }

  gates(): GatesAnswer {
    return this.#refusals.view();
  }

  /** No new round; the one under way ends. */
  async close(): Promise<void> {
    this.#stopping.abort();
    await this.#feeding;
    await this.#trader.idle();
  }
}
