/** From an opportunity to a transaction that is sent, or to the name of the gate that kept it back. */
import type { Hex } from "viem";
import type { MarketBook } from "../../contract/market.ts";
import { MOST_BLOCKS_OLD } from "../../contract/trading.ts";
import { lenderId } from "../flashloan/lenders/lender.ts";
import type { Opportunity } from "../flashloan/opportunity.ts";
import { tokenIn } from "../flashloan/pools/leg.ts";
import type { Books, Found } from "./books/books.ts";
import type { Head } from "../market/chain/answers.ts";
import type { Chain } from "../market/chain/chain.ts";
import { firstShutGate, isLive, type Facts, type Simulation } from "./decide/gates.ts";
import type { KillSwitch } from "./decide/kill-switch.ts";
import type { LivePermit } from "./decide/live-permit.ts";
import { calldataOf, opportunityKey, profitOf, reserveSharePpm, revertReason } from "../market/plan.ts";
import { firstFees, nextBaseFee, type Fees } from "../market/fees.ts";
import type { NonceLease } from "./send/nonce-lease.ts";
import type { Sender } from "./send/sender.ts";
import type { Wallet } from "./send/wallet.ts";
import type { TraderSettings } from "./settings.ts";
import type { Watcher } from "./watcher.ts";

export interface ExecutionOptions {
  chain: Chain;
  book: MarketBook;
  books: Books;
  wallet: Wallet;
  lease: NonceLease;
  killSwitch: KillSwitch;
  settings: TraderSettings;
  watcher: Watcher;
  sender: Sender;
  permit: LivePermit;
  /** Why the market's state is not to be trusted; null where it is. */
  halted(): string | null;
  nowMs(): number;
}

/** The estimate is of the block that is there: in the next one pairs write their price accumulators too. What is not used is not paid. */
const GAS_MARGIN = 2n;
/** The live trade of an opportunity that was rehearsed is another. */
const REHEARSAL = ":dry-run";

export class Execution {
  readonly #options: ExecutionOptions;
  readonly #allowedPools: ReadonlySet<string>;
  readonly #allowedTokens: ReadonlySet<string>;

  constructor(options: ExecutionOptions) {
    const { book } = options;
    this.#options = options;
    this.#allowedPools = new Set([...book.uniswapV2.flatMap(({ pools }) => pools), ...book.uniswapV3.pools].map(({ address }) => address.toLowerCase()));
    this.#allowedTokens = new Set(book.tokens.map(({ address }) => address.toLowerCase()));
  }

  /** Whether a trade would go out now; a rehearsal does everything but that. */
  get live(): boolean {
    const { settings, permit } = this.#options;
    return isLive({ liveChainId: settings.liveChainId, mode: permit.open ? "live" : settings.mode }, settings.chainId);
  }

  /** @param began when the head came, by `performance.now()` @returns whether this one was the round's */
  async take(opportunity: Opportunity, head: Head, began: number): Promise<boolean> {
    const { books, settings, permit, watcher, sender } = this.#options;
    const { live } = this;
    const fees = firstFees(head, settings.tip);
    const found = this.#found(opportunity, head, live);
    const { key } = found;
    const refused = (facts: Facts): string | null => {
      const shut = firstShutGate(facts);
      if (shut === null) return null;
      watcher.refused?.(shut.gate, shut.message, key);
      return `${shut.gate}: ${shut.message}`;
    };
    const facts = await this.#facts(opportunity, head, opportunity.gasCost);
    if (refused(facts) !== null) return false;

    const planId = await books.claim(found).catch((error: unknown) => { watcher.fault?.(error); return undefined; });
    const claim = planId === undefined ? null : planId === null ? "seen" : "taken";
    if (planId === undefined || planId === null) {
      refused({ ...facts, claim });
      return claim === "seen";
    }

    const deadlineBlock = head.number + MOST_BLOCKS_OLD;
    const data = calldataOf(opportunity, { id: planId, deadlineBlock, minProfit: leastOnChain(opportunity, fees) });
    const simulation = await this.#simulate(data, head);
    const gasCost = simulation.gas * (nextBaseFee(head) + settings.tip);
    const reason = refused({ ...await this.#facts(opportunity, head, gasCost), claim, simulation });
    if (reason !== null) {
      await books.record(key, "refused", { reason });
      return false;
    }
    if (!live) {
      await books.record(key, "rehearsed");
      watcher.rehearsed?.(found);
      return true;
    }
    const hash = await sender.send({
      found, planId, data, gas: simulation.gas * GAS_MARGIN, fees, mostFeePerGas: opportunity.profit / simulation.gas, deadlineBlock, head: head.number,
    });
    permit.use(key);
    watcher.sent?.(found, hash, performance.now() - began);
    return true;
  }

  #found(opportunity: Opportunity, head: Head, live: boolean): Found {
    const { settings, book, wallet } = this.#options;
    const { legs, lender, amountIn, profit, gasCost } = opportunity;
    return {
      key: `${opportunityKey(settings.chainId, head.number, legs)}${live ? "" : REHEARSAL}`, chainId: settings.chainId, block: head.number, blockHash: head.hash,
      account: wallet.address, token: book.tokens[0]!.address.toLowerCase(), pools: legs.map(({ pool }) => pool.id), lender: lender.kind,
      lenderAddress: lenderId(lender), amount: amountIn, predictedProfit: profit, predictedGasCost: gasCost, mode: live ? "live" : "dry-run",
    };
  }

  async #facts(opportunity: Opportunity, head: Head, gasCost: bigint): Promise<Facts> {
    const { killSwitch, lease, wallet, settings, sender, halted, nowMs } = this.#options;
    const { chainId, allowedChainIds, devnetChainId, limits, mostHeadAgeMs } = settings;
    const { legs, amountIn, profit } = opportunity;
    return {
      killSwitch: await killSwitch.ask(), chainId, allowedChainIds, devnetChainId, keyIsWellKnown: wallet.isWellKnown, leaseHeld: lease.held(), halted: halted(),
      nowMs: nowMs(), head: { number: head.number, timestampMs: head.timestamp * 1_000 }, mostHeadAgeMs, limits,
      opportunity: {
        block: head.number, pools: legs.map(({ pool }) => pool.id), tokens: legs.map((leg) => tokenIn(leg).address),
        amount: amountIn, profit, gasCost, netProfit: profit - gasCost, reserveSharePpm: reserveSharePpm(opportunity),
      },
      allowedPools: this.#allowedPools, allowedTokens: this.#allowedTokens, spent: sender.spent, inFlight: sender.inFlight,
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
