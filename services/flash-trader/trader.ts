/**
 * The hot path, one round a head: the chain's blocks into the market's state, touched cycles, the best size and lender, gates,
 * the exact transaction simulated, signed, sent, followed. Nothing else stands between a block and a transaction.
 */
import type { Address, Hex } from "viem";
import type { MarketBook } from "../../contract/market.ts";
import type { Lender } from "../flashloan/lenders/lender.ts";
import { lenderId } from "../flashloan/lenders/lender.ts";
import { sleep } from "../kit/backoff.ts";
import { Market } from "../flashloan/market/market.ts";
import type { Opportunity } from "../flashloan/opportunity.ts";
import { tokenIn } from "../flashloan/pools/leg.ts";
import type { Books, Found, Outcome } from "./books/books.ts";
import type { Head } from "./chain/answers.ts";
import type { Chain } from "./chain/chain.ts";
import { ChainFault } from "./chain/fault.ts";
import { readViews } from "./chain/multicall.ts";
import { firstShutGate, isLive, MOST_BLOCKS_OLD, type Facts, type GateName, type Limits, type ModeSettings, type Simulation } from "./decide/gates.ts";
import type { KillSwitch } from "./decide/kill-switch.ts";
import { calldataOf, opportunityKey, profitOf, reserveSharePpm, revertReason } from "./decide/plan.ts";
import { Search } from "./search.ts";
import { firstFees, nextBaseFee, type Fees } from "./send/fees.ts";
import type { NonceLease } from "./send/nonce-lease.ts";
import { Sender } from "./send/sender.ts";
import type { FinalStatus, TrackPolicy } from "./send/track.ts";
import type { Wallet } from "./send/wallet.ts";
import { readLenders, type LenderBook } from "./state/lenders.ts";
import type { TrackedPool } from "./state/pool-events.ts";
import { readMarket } from "./state/read-market.ts";
import { placesToSample, sampleOf } from "./state/sample.ts";
import { KEPT_BLOCKS, TrackedMarket } from "./state/tracked-market.ts";

export interface TraderSettings extends ModeSettings {
  chainId: number;
  devnetChainId: number | null;
  allowedChainIds: readonly number[];
  limits: Limits;
  /** Wei a unit of gas, over the base fee. */
  tip: bigint;
  mostHeadAgeMs: number;
  policy: TrackPolicy;
  /** Opportunities that are tried at a head, best first. */
  most: number;
  /** Pools sampled at each block beside those that it touched. */
  sampled: number;
}

/** What a round is told to whoever watches. */
export interface Watcher {
  round?(round: { head: Head; touched: number; opportunities: readonly Opportunity[]; nodeMs: number; totalMs: number }): void;
  refused?(gate: GateName, message: string, key: string): void;
  fault?(error: unknown): void;
  halted?(reason: string): void;
  reorganised?(from: Head, to: Head): void;
  rehearsed?(found: Found): void;
  sent?(found: Found, hash: Hex): void;
  status?(key: string, status: FinalStatus | "mined" | "sent", outcome: Outcome | null): void;
}

export interface TraderOptions {
  chain: Chain;
  book: MarketBook;
  books: Books;
  wallet: Wallet;
  lease: NonceLease;
  killSwitch: KillSwitch;
  settings: TraderSettings;
  watcher?: Watcher;
  nowMs?(): number;
}

/** The estimate is of the block that is there: in the next one pairs write their price accumulators too. What is not used is not paid. */
const GAS_MARGIN = 2n;
/** Of a sample, before a difference counts as one; and the pause between two. */
const MOST_READINGS = 3;
const READING_PAUSE_MS = 20;

export class FlashTrader {
  readonly #options: TraderOptions;
  readonly #base: Address;
  readonly #allowedPools: ReadonlySet<string>;
  readonly #allowedTokens: ReadonlySet<string>;
  readonly #sender: Sender;
  readonly #nowMs: () => number;
  #tracked: TrackedMarket | null = null;
  #search: Search | null = null;
  #lenderBook: LenderBook | null = null;
  #halted: string | null = null;
  #turn = 0;
  #round: Promise<void> = Promise.resolve();
  #next: Hex | null = null;

  constructor(options: TraderOptions) {
    const { book, chain, books, wallet, settings, watcher, nowMs = Date.now } = options;
    this.#options = options;
    this.#nowMs = nowMs;
    this.#base = book.tokens[0]!.address;
    this.#allowedPools = new Set([...book.uniswapV2.flatMap(({ pools }) => pools), ...book.uniswapV3.pools].map(({ address }) => address.toLowerCase()));
    this.#allowedTokens = new Set(book.tokens.map(({ address }) => address.toLowerCase()));
    this.#sender = new Sender({
      chain, books, wallet, chainId: settings.chainId, executor: book.executor, policy: settings.policy, nowMs,
      onStatus: (key, status, outcome) => {
        if (status === "displaced") this.#halt("foreign_nonce", "another process has used a nonce of this account");
        watcher?.status?.(key, status, outcome);
      },
      onFault: (error) => watcher?.fault?.(error),
    });
  }

  /** Whether trades go out; a rehearsal does everything but that. */
  get live(): boolean {
    return isLive(this.#options.settings, this.#options.settings.chainId);
  }

  get halted(): string | null {
    return this.#halted;
  }

  get head(): Head | null {
    return this.#tracked?.head ?? null;
  }

  /** @throws {ChainFault} where the chain is another or does not answer */
  async start(): Promise<void> {
    await this.#options.chain.demandChain(this.#options.settings.chainId);
    await this.#options.chain.latest().then((head) => this.#readAnew(head));
    await this.#sender.recover();
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
        this.#options.watcher?.fault?.(error);
      }
    });
    return this.#round;
  }

  /** Resolves when the round under way has ended. */
  async idle(): Promise<void> {
    await this.#round;
  }

  async #readAnew(head: Head): Promise<void> {
    const { chain, book } = this.#options;
    const [{ pools }, lenders] = await Promise.all([readMarket(chain, book, head.hash), readLenders(chain, book, this.#base, head.hash)]);
    this.#tracked = new TrackedMarket(new Market(pools), head);
    this.#search = new Search(this.#tracked, this.#base);
    this.#lenderBook = lenders;
  }

  async #at(hash: Hex): Promise<void> {
    const { chain, settings, watcher, lease, killSwitch } = this.#options;
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
    const tracked = this.#tracked!;
    if (hash === tracked.head.hash) return;
    if (tracked.knows(hash)) throw new ChainFault("old_block", `The node tells block ${hash} as its head, which lies below block ${tracked.head.number}.`);
    const head = await node(chain.head(hash));
    const touched = await node(this.#follow(head));
    this.#search!.touch(touched);

    const lenders = await node(this.#verify(head, touched));
    // Whoever else may have the nonces follows what was sent, too.
    if (lease.held()) await node(this.#sender.onHead(head.number, this.#sender.inFlight === 0 || await killSwitch.ask() === "clear"));
    if (lenders === null) return;
    const opportunities = this.#search!.best({ lenders, weiPerGas: nextBaseFee(head) + settings.tip, leastProfit: settings.limits.leastNetProfit, most: settings.most });
    watcher?.round?.({ head, touched: touched.length, opportunities, nodeMs, totalMs: performance.now() - began });
    for (const opportunity of opportunities) if (await this.#trade(opportunity, head)) break;
  }

  /** Brings the market to this head: by its blocks, after undoing those of a branch that died; read anew where that is too far. */
  async #follow(head: Head): Promise<number[]> {
    const { chain, watcher } = this.#options;
    const tracked = this.#tracked!;
    let heads: Head[];
    try {
      heads = await chain.branch(head, (hash) => tracked.knows(hash), KEPT_BLOCKS);
    } catch (error) {
      if (!(error instanceof ChainFault) || error.reason !== "gap_too_wide") throw error;
      watcher?.fault?.(error);
      await this.#readAnew(head);
      return [];
    }
    const logs = await chain.logs(heads);
    const [from, parent] = [tracked.head, heads[0]!.parentHash];
    const touched = new Set(parent === from.hash ? [] : tracked.undoTo(parent));
    if (parent !== from.hash) watcher?.reorganised?.(from, head);
    heads.forEach((next, at) => tracked.follow({ head: next, logs: logs[at]! }).forEach((place) => touched.add(place)));
    return [...touched];
  }

  /** Part of the state and all lenders, asked at this very block. @returns the lenders, or null where state and chain differ */
  async #verify(head: Head, touched: readonly number[]): Promise<readonly Lender[] | null> {
    const { chain, book, settings } = this.#options;
    const { market } = this.#tracked!;
    const turn = this.#turn++;
    const pools = placesToSample(touched, market.pools.length, turn, settings.sampled)
      .filter((place) => this.#tracked!.refusalOf(place) === undefined).map((place) => market.pools[place] as TrackedPool);
    const sample = sampleOf(pools, turn);
    for (let reading = 1; ; reading++) {
      const answers = await readViews(chain, book.multicall3, head.hash, [...sample.views, ...this.#lenderBook!.views]);
      const difference = sample.difference(answers.slice(0, sample.views.length));
      const message = difference && `pool ${difference.pool} at block ${head.number}: ${difference.message}`;
      if (message === null && reading === 1) return this.#lenderBook!.lenders(answers.slice(sample.views.length) as bigint[], market);
      // Asked for its newest block while the next is being made, anvil answers from the next one's state.
      if (message === null) throw new ChainFault("wavering_answer", `The node told two states of one pool at block ${head.number} (${head.hash}).`);
      if (reading === MOST_READINGS) {
        this.#halt("state_mismatch", message);
        return null;
      }
      await sleep(READING_PAUSE_MS);
    }
  }

  /** Until the process is started again: what is wrong is not known, so nothing is repaired. */
  #halt(name: string, message: string): void {
    if (this.#halted !== null) return;
    this.#halted = `${name}: ${message}`;
    this.#options.watcher?.halted?.(this.#halted);
  }

  /** @returns whether this one was the round's */
  async #trade(opportunity: Opportunity, head: Head): Promise<boolean> {
    const { books, settings, book, wallet, watcher } = this.#options;
    const fees = firstFees(head, settings.tip);
    const key = opportunityKey(settings.chainId, head.number, opportunity.legs);
    const refused = (facts: Facts): boolean => {
      const shut = firstShutGate(facts);
      if (shut !== null) watcher?.refused?.(shut.gate, shut.message, key);
      return shut !== null;
    };
    const facts = await this.#facts(opportunity, head, opportunity.gasCost);
    if (refused(facts)) return false;

    const found: Found = {
      key, chainId: settings.chainId, block: head.number, blockHash: head.hash, account: wallet.address, token: this.#base.toLowerCase(),
      pools: opportunity.legs.map(({ pool }) => pool.id), lender: opportunity.lender.kind, lenderAddress: lenderId(opportunity.lender),
      amount: opportunity.amountIn, predictedProfit: opportunity.profit, predictedGasCost: opportunity.gasCost, mode: this.live ? "live" : "dry-run",
    };
    const planId = await books.claim(found).catch((error: unknown) => { watcher?.fault?.(error); return undefined; });
    const claim = planId === undefined ? null : planId === null ? "seen" : "taken";
    if (planId === undefined || planId === null) {
      refused({ ...facts, claim });
      return claim === "seen";
    }

    const deadlineBlock = head.number + MOST_BLOCKS_OLD;
    const data = calldataOf(opportunity, { id: planId, deadlineBlock, minProfit: leastOnChain(opportunity, fees) });
    const simulation = await this.#simulate(data, head);
    const gasCost = simulation.gas * (nextBaseFee(head) + settings.tip);
    const now = { ...await this.#facts(opportunity, head, gasCost), claim, simulation } as const;
    const shut = firstShutGate(now);
    if (shut !== null) {
      watcher?.refused?.(shut.gate, shut.message, key);
      await books.record(key, "refused", { reason: `${shut.gate}: ${shut.message}` });
      return false;
    }
    if (!this.live) {
      await books.record(key, "rehearsed");
      watcher?.rehearsed?.(found);
      return true;
    }
    const gas = simulation.gas * GAS_MARGIN;
    const hash = await this.#sender.send({ found, planId, data, gas, fees, mostFeePerGas: opportunity.profit / simulation.gas, deadlineBlock, head: head.number });
    watcher?.sent?.(found, hash);
    return true;
  }

  async #facts(opportunity: Opportunity, head: Head, gasCost: bigint): Promise<Facts> {
    const { killSwitch, lease, wallet, settings } = this.#options;
    const { chainId, allowedChainIds, devnetChainId, limits, mostHeadAgeMs } = settings;
    return {
      killSwitch: await killSwitch.ask(), chainId, allowedChainIds, devnetChainId, keyIsWellKnown: wallet.isWellKnown, leaseHeld: lease.held(), halted: this.#halted,
      nowMs: this.#nowMs(), head: { number: head.number, timestampMs: head.timestamp * 1_000 }, mostHeadAgeMs, limits,
      opportunity: {
        block: head.number, pools: opportunity.legs.map(({ pool }) => pool.id), tokens: opportunity.legs.map((leg) => tokenIn(leg).address),
        amount: opportunity.amountIn, profit: opportunity.profit, gasCost, netProfit: opportunity.profit - gasCost, reserveSharePpm: reserveSharePpm(opportunity),
      },
      allowedPools: this.#allowedPools, allowedTokens: this.#allowedTokens, spent: this.#sender.spent, inFlight: this.#sender.inFlight,
    };
  }

  async #simulate(data: Hex, head: Head): Promise<Simulation> {
    const { chain, wallet, book } = this.#options;
    const { output, reason, gas } = await chain.simulate({ from: wallet.address, to: book.executor, data }, head.hash);
    return output === null ? { profit: null, reason: revertReason(reason!.data, reason!.message), gas } : { profit: profitOf(output), reason: null, gas };
  }
}

/** What the executor asks for at least: the gas at its dearest, so that a trade that succeeds is never a loss; but not more than is predicted. */
function leastOnChain({ profit, gas }: Opportunity, { maxFeePerGas }: Fees): bigint {
  const dearest = BigInt(gas) * maxFeePerGas;
  return dearest < profit ? dearest : profit;
}
