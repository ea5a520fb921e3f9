/**
 * Whether a trade may go out. All gates in one place and in one order, each with the name under which a refusal is counted.
 * Pure: whoever asks gathers the facts first, and a fact that could not be had is one that refuses.
 */

import { MOST_BLOCKS_OLD } from "../../../contract/trading.ts";

/** Null where it could not be asked. */
export type Known<T> = T | null;

export interface Simulation {
  /** What the executor's `execute` answers, in the base token; null where it reverts. */
  profit: bigint | null;
  /** Name of the executor's error, or the node's words. */
  reason: string | null;
  gas: bigint;
}

/** Everything that decides. Amounts are in the base token's smallest unit, which is worth a wei. */
export interface Facts {
  killSwitch: Known<"clear" | "set">;
  chainId: number;
  allowedChainIds: readonly number[];
  /** Of the local chain; null where there is none. */
  devnetChainId: number | null;
  keyIsWellKnown: boolean;
  /** Whether this process alone may use the key's nonces. */
  leaseHeld: boolean;
  /** Why the market's state is not to be trusted; null where it is. */
  halted: string | null;
  nowMs: number;
  head: { number: number; timestampMs: number };
  mostHeadAgeMs: number;
  opportunity: {
    block: number;
    pools: readonly string[];
    tokens: readonly string[];
    amount: bigint;
    profit: bigint;
    netProfit: bigint;
    gasCost: bigint;
    /** The greatest share that a leg takes of what its pair holds of the token that goes in, in millionths; 0 without pairs. */
    reserveSharePpm: number;
  };
  /** Pools whose state is impossible are not among them. Lower case. */
  allowedPools: ReadonlySet<string>;
  allowedTokens: ReadonlySet<string>;
  limits: Limits;
  /** Of the last hour. */
  spent: { gas: bigint; loss: bigint; reverts: number };
  /** Transactions that may still be mined. */
  inFlight: number;
  /** The opportunity's key in the books, once it has been asked for. */
  claim?: Known<"taken" | "seen">;
  simulation?: Simulation;
}

export interface Limits {
  leastNetProfit: bigint;
  /** Profit before gas over gas, at least. */
  leastGasMultiple: number;
  mostAmount: bigint;
  mostReserveSharePpm: number;
  mostGas: bigint;
  hourlyGas: bigint;
  hourlyLoss: bigint;
  hourlyReverts: number;
}

/** What is wrong, in words; null where nothing is. */
type Gate = (facts: Facts) => string | null;
const unless = (holds: boolean, message: () => string): string | null => (holds ? null : message());

/** In the order in which they are asked: what stops everything first, what costs a request last. */
export const GATES = {
  kill_switch_unreachable: ({ killSwitch }) => unless(killSwitch !== null, () => "the kill switch could not be asked, which counts as set: look after etcd"),
  kill_switch_set: ({ killSwitch }) => unless(killSwitch === "clear", () => "the kill switch is set"),
  chain_not_allowed: ({ chainId, allowedChainIds }) => unless(allowedChainIds.includes(chainId), () => `chain ${chainId}; allowed: ${allowedChainIds.join(", ") || "none"}`),
  well_known_key: ({ keyIsWellKnown, chainId, devnetChainId }) => unless(!keyIsWellKnown || chainId === devnetChainId,
    () => `the key is a development tool's, known to everybody, and chain ${chainId} is not the local one: use a key of your own`),
  lease_lost: ({ leaseHeld }) => unless(leaseHeld, () => "another process may be using the key's nonces"),
  trading_halted: ({ halted }) => unless(halted === null, () => `trading has stopped: ${halted}; restart when the cause is known`),
  head_too_old: ({ nowMs, head, mostHeadAgeMs }) => unless(nowMs - head.timestampMs <= mostHeadAgeMs, () => `the head, block ${head.number}, is ${nowMs - head.timestampMs} ms old; at most ${mostHeadAgeMs}`),
  opportunity_too_old: ({ opportunity, head }) => unless(head.number - opportunity.block <= MOST_BLOCKS_OLD, () => `found at block ${opportunity.block}, and the head is ${head.number}: at most ${MOST_BLOCKS_OLD} blocks`),
  opportunity_from_the_future: ({ opportunity, head }) => unless(opportunity.block <= head.number, () => `found at block ${opportunity.block}, and the head is ${head.number}`),
  token_not_allowed: ({ opportunity, allowedTokens }) => missing(opportunity.tokens, allowedTokens),
  pool_not_allowed: ({ opportunity, allowedPools }) => missing(opportunity.pools, allowedPools),
  invalid_amount: ({ opportunity: { amount, profit } }) => unless(amount > 0n && amount < 1n << 128n && profit >= 0n && profit < 1n << 128n, () => `amount ${amount}, profit ${profit}: amounts from 1 to 2^128 - 1`),
  below_floor: ({ opportunity: { netProfit }, limits }) => unless(netProfit >= limits.leastNetProfit, () => `net profit ${netProfit}; at least ${limits.leastNetProfit}`),
  below_gas_multiple: ({ opportunity: { profit, gasCost }, limits }) => unless(profit * 1_000n >= gasCost * BigInt(Math.round(limits.leastGasMultiple * 1_000)),
    () => `profit ${profit} over gas ${gasCost}; at least ${limits.leastGasMultiple} times`),
  amount_too_large: ({ opportunity: { amount }, limits }) => unless(amount <= limits.mostAmount, () => `amount ${amount}; at most ${limits.mostAmount}`),
  reserve_share_too_large: ({ opportunity: { reserveSharePpm }, limits }) => unless(reserveSharePpm <= limits.mostReserveSharePpm, () => `${reserveSharePpm} millionths of a pair's reserve; at most ${limits.mostReserveSharePpm}`),
  gas_budget: ({ spent, opportunity: { gasCost }, limits }) => unless(spent.gas + gasCost <= limits.hourlyGas, () => `${spent.gas} wei of gas in the last hour and ${gasCost} for this; at most ${limits.hourlyGas}`),
  loss_budget: ({ spent, limits }) => unless(spent.loss < limits.hourlyLoss, () => `${spent.loss} wei lost in the last hour; less than ${limits.hourlyLoss}`),
  revert_budget: ({ spent, limits }) => unless(spent.reverts < limits.hourlyReverts, () => `${spent.reverts} reverts in the last hour; fewer than ${limits.hourlyReverts}`),
  in_flight: ({ inFlight }) => unless(inFlight === 0, () => `${inFlight} transactions may still be mined; one at a time`),
  books_unavailable: ({ claim }) => unless(claim !== null, () => "the opportunity's key could not be taken in the books: look after PostgreSQL"),
  already_seen: ({ claim }) => unless(claim !== "seen", () => "the books have this opportunity already"),
  simulation_failed: ({ simulation }) => unless(simulation?.profit !== null, () => `the simulated transaction reverts: ${simulation!.reason}`),
  simulation_differs: ({ simulation, opportunity: { profit } }) => unless(simulation === undefined || simulation.profit === profit,
    () => `the simulated transaction earns ${simulation!.profit}, predicted were ${profit}: the state or a token is not what it seems`),
  gas_too_high: ({ simulation, limits }) => unless(simulation === undefined || simulation.gas <= limits.mostGas, () => `${simulation!.gas} gas; at most ${limits.mostGas}`),
} as const satisfies Record<string, Gate>;
export type GateName = keyof typeof GATES;

const missing = (wanted: readonly string[], allowed: ReadonlySet<string>): string | null => {
  const unknown = wanted.find((address) => !allowed.has(address));
  return unknown === undefined ? null : `${unknown} is not on the list`;
};

export interface GateRefusal { gate: GateName; message: string }

/** The first gate that is shut; null where all that can be asked by now are open. */
export function firstShutGate(facts: Facts): GateRefusal | null {
  for (const [gate, check] of Object.entries(GATES) as [GateName, Gate][]) {
    const message = check(facts);
    if (message !== null) return { gate, message };
  }
  return null;
}

export interface ModeSettings {
  mode: "dry-run" | "live";
  /** The chain that live trading is meant for. */
  liveChainId: number | null;
}

/** Live wants both: the mode, and the very chain that is there. Everything else rehearses. */
export const isLive = ({ mode, liveChainId }: ModeSettings, chainId: number): boolean => mode === "live" && liveChainId === chainId;
