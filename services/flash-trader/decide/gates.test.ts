import assert from "node:assert/strict";
import { firstShutGate, GATES, isLive, type Facts, type GateName } from "./gates.ts";

const POOL = "0xf1";
const TOKEN = "0xa1";
/** A trade that may go out, everything asked. */
const OPEN: Facts = {
  killSwitch: "clear", chainId: 31_337, allowedChainIds: [31_337], devnetChainId: 31_337, keyIsWellKnown: true, leaseHeld: true, halted: null,
  nowMs: 10_000, head: { number: 100, timestampMs: 9_000 }, mostHeadAgeMs: 3_000,
  opportunity: { block: 100, pools: [POOL], tokens: [TOKEN], amount: 1_000n, profit: 100n, netProfit: 60n, gasCost: 40n, reserveSharePpm: 10_000 },
  allowedPools: new Set([POOL]), allowedTokens: new Set([TOKEN]),
  limits: { leastNetProfit: 50n, leastGasMultiple: 1.5, mostAmount: 10_000n, mostReserveSharePpm: 300_000, mostGas: 1_000_000n, hourlyGas: 1_000n, hourlyLoss: 500n, hourlyReverts: 5 },
  spent: { gas: 100n, loss: 0n, reverts: 0 }, inFlight: 0, claim: "taken", simulation: { profit: 100n, reason: null, gas: 300_000n },
};
const { opportunity } = OPEN;

const SHUT: Record<GateName, Partial<Facts>[]> = {
  kill_switch_unreachable: [{ killSwitch: null }],
  kill_switch_set: [{ killSwitch: "set" }],
  chain_not_allowed: [{ chainId: 1, devnetChainId: null, keyIsWellKnown: false }, { allowedChainIds: [] }],
  well_known_key: [{ devnetChainId: null }, { chainId: 1, allowedChainIds: [1, 31_337] }],
  lease_lost: [{ leaseHeld: false }],
  trading_halted: [{ halted: "state_mismatch: reserves" }],
  head_too_old: [{ nowMs: 12_001 }],
  opportunity_too_old: [{ opportunity: { ...opportunity, block: 97 } }],
  opportunity_from_the_future: [{ opportunity: { ...opportunity, block: 101 } }],
  token_not_allowed: [{ opportunity: { ...opportunity, tokens: [TOKEN, "0xa2"] } }],
  pool_not_allowed: [{ allowedPools: new Set() }],
  invalid_amount: [{ opportunity: { ...opportunity, amount: 0n } }, { opportunity: { ...opportunity, amount: 1n << 128n } }, { opportunity: { ...opportunity, profit: -1n } }],
  below_floor: [{ opportunity: { ...opportunity, netProfit: 49n } }],
  below_gas_multiple: [{ opportunity: { ...opportunity, gasCost: 67n } }],
  amount_too_large: [{ opportunity: { ...opportunity, amount: 10_001n } }],
  reserve_share_too_large: [{ opportunity: { ...opportunity, reserveSharePpm: 300_001 } }],
  gas_budget: [{ spent: { gas: 961n, loss: 0n, reverts: 0 } }],
  loss_budget: [{ spent: { gas: 0n, loss: 500n, reverts: 0 } }],
  revert_budget: [{ spent: { gas: 0n, loss: 0n, reverts: 5 } }],
  in_flight: [{ inFlight: 1 }],
  books_unavailable: [{ claim: null }],
  already_seen: [{ claim: "seen" }],
  simulation_failed: [{ simulation: { profit: null, reason: "Unprofitable", gas: 0n } }],
  simulation_differs: [{ simulation: { profit: 99n, reason: null, gas: 1n } }, { simulation: { profit: 101n, reason: null, gas: 1n } }],
  gas_too_high: [{ simulation: { profit: 100n, reason: null, gas: 1_000_001n } }],
};

describe("the gates", () => {
  it("are open for a trade that keeps every limit", () => {
    assert.equal(firstShutGate(OPEN), null);
    assert.equal(firstShutGate({ ...OPEN, claim: undefined, simulation: undefined }), null, "what has not been asked yet does not refuse");
  });

  for (const [gate, cases] of Object.entries(SHUT)) {
    cases.forEach((change, number) => it(`${gate} shuts alone (${number + 1})`, () => {
      assert.equal(firstShutGate({ ...OPEN, ...change })?.gate, gate);
    }));
  }

  it("are asked in the order of the risk notes: what stops everything before what costs a request", () => {
    const order: GateName[] = ["kill_switch_unreachable", "chain_not_allowed", "head_too_old", "pool_not_allowed", "below_floor", "amount_too_large", "gas_budget", "already_seen", "simulation_failed"];
    const names = Object.keys(GATES);
    assert.deepEqual(order.toSorted((a, b) => names.indexOf(a) - names.indexOf(b)), order);
    const everything = Object.values(SHUT).map(([first]) => first!).reverse().reduce<Facts>((facts, change) => ({ ...facts, ...change }), OPEN);
    assert.equal(firstShutGate(everything)?.gate, "kill_switch_unreachable");
  });

  it("hold exactly at their limits", () => {
    assert.equal(firstShutGate({ ...OPEN, nowMs: 12_000, spent: { gas: 960n, loss: 499n, reverts: 4 },
      opportunity: { ...opportunity, block: 98, netProfit: 50n, gasCost: 40n, profit: 100n, amount: 10_000n, reserveSharePpm: 300_000 } }), null);
  });
});

describe("live trading", () => {
  it("wants the mode and the chain's own id, and rehearses otherwise", () => {
    assert.equal(isLive({ mode: "live", liveChainId: 31_337 }, 31_337), true);
    assert.equal(isLive({ mode: "live", liveChainId: null }, 31_337), false);
    assert.equal(isLive({ mode: "live", liveChainId: 1 }, 31_337), false);
    assert.equal(isLive({ mode: "dry-run", liveChainId: 31_337 }, 31_337), false);
  });
});
