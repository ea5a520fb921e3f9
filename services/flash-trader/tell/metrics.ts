/** The trader's figures for Prometheus. */
import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import { TRADE_STATUSES } from "../../../contract/trading.ts";
import { CHAIN_FAULTS, ChainFault } from "../../market/chain/fault.ts";
import { GATES } from "../decide/gates.ts";
import type { Watcher } from "../watcher.ts";

/** Seconds; a head's way ends where its block does. */
const BUCKETS = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1, 5];

export interface MetricsSources {
  /** Seconds since 1970 of the newest block; null before the first. */
  headTimestamp(): number | null;
  headNumber(): number | null;
  halted(): boolean;
  live(): boolean;
  leaseHeld(): boolean;
  inFlight(): number;
}

export interface TraderMetrics extends Watcher {
  /** The push of heads began or ended. */
  pushed(connected: boolean): void;
}

/** Every gate, status and fault begins at 0, so that its first one shows as a rise. */
export function createTraderMetrics(registry: Registry, sources: MetricsSources): TraderMetrics {
  const registers = [registry];
  const counter = <Label extends string>(name: string, help: string, label: Label, values: readonly string[]): Counter<Label> => {
    const made = new Counter({ name, help, labelNames: [label], registers });
    for (const value of values) made.inc({ [label]: value } as Record<Label, string>, 0);
    return made;
  };
  const gauge = (name: string, help: string, read: () => number | null): void => {
    new Gauge({ name, help, registers, collect() { this.set(read() ?? Number.NaN); } });
  };
  const refusals = counter("flash_trader_refusals_total", "Opportunities that were not traded, by the gate that was shut.", "gate", Object.keys(GATES));
  const trades = counter("flash_trader_trades_total", "Trades, by what became of them.", "status", TRADE_STATUSES);
  const faults = counter("flash_trader_faults_total", "What was wrong with the node, the books or a store, by name.", "reason", [...CHAIN_FAULTS, "other"]);
  const opportunities = new Counter({ name: "flash_trader_opportunities_total", help: "Opportunities found, the best few of each block.", registers });
  const reorganisations = new Counter({ name: "flash_trader_reorganisations_total", help: "Times that blocks were undone.", registers });
  const cuts = new Counter({ name: "flash_trader_head_feed_cuts_total", help: "Times that the push of heads ended; they are asked for meanwhile.", registers });
  const rounds = new Histogram({ name: "flash_trader_round_seconds", help: "From a head to sized opportunities: node is waiting for it, own is the rest.", labelNames: ["part"], buckets: BUCKETS, registers });
  const sent = new Histogram({ name: "flash_trader_head_to_sent_seconds", help: "From a head until the node has the transaction.", buckets: BUCKETS, registers });
  gauge("flash_trader_head_block", "Number of the newest block that was looked at.", () => sources.headNumber());
  gauge("flash_trader_head_lag_seconds", "Age of that block.", () => {
    const timestamp = sources.headTimestamp();
    return timestamp === null ? null : Math.max(0, Date.now() / 1_000 - timestamp);
  });
  gauge("flash_trader_halted", "1 while trading has stopped until a restart.", () => Number(sources.halted()));
  gauge("flash_trader_live", "1 while trades go out, 0 while they are rehearsed.", () => Number(sources.live()));
  gauge("flash_trader_lease_held", "1 while this process alone uses the account's nonces.", () => Number(sources.leaseHeld()));
  gauge("flash_trader_in_flight", "Transactions that may still be mined.", () => sources.inFlight());

  return {
    round({ opportunities: found, nodeMs, totalMs }) {
      opportunities.inc(found.length);
      rounds.observe({ part: "node" }, nodeMs / 1_000);
      rounds.observe({ part: "own" }, (totalMs - nodeMs) / 1_000);
    },
    refused: (gate) => refusals.inc({ gate }),
    fault: (error) => faults.inc({ reason: error instanceof ChainFault ? error.reason : "other" }),
    reorganised: () => reorganisations.inc(),
    rehearsed: () => trades.inc({ status: "rehearsed" }),
    sent(_found, _hash, sinceHeadMs) {
      trades.inc({ status: "signed" });
      sent.observe(sinceHeadMs / 1_000);
    },
    status: (_key, status) => trades.inc({ status }),
    pushed: (connected) => { if (!connected) cuts.inc(); },
  };
}
