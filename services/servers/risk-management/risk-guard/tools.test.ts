import assert from "node:assert/strict";
import type { TokenClaims } from "../../../../contract/access.ts";
import { KILL_SWITCH_CLEAR, KILL_SWITCH_KEY, type TraderState } from "../../../../contract/trading.ts";
import { EtcdGateway } from "../../../kit/etcd/gateway.ts";
import { callTool } from "../../../kit/testing.ts";
import { startEtcdStandIn, type EtcdStandIn } from "../../../../test/flash-trader/etcd-stand-in.ts";
import type { Deps } from "./deps.ts";
import { getBudgets } from "./tools/get-budgets.ts";
import { getKillSwitch } from "./tools/get-kill-switch.ts";
import { listGates } from "./tools/list-gates.ts";
import { resumeTrading } from "./tools/resume-trading.ts";
import { stopTrading } from "./tools/stop-trading.ts";

const as = (role: TokenClaims["role"]): { caller: TokenClaims } => ({ caller: { sub: `user:${role}`, role, aud: ["*"] } });
const STATE: TraderState = {
  chainId: 31_337, mode: "dry-run", liveChainId: null, live: false, account: "0x", executor: "0x", head: 7, halted: null, killSwitch: "clear", leaseHeld: true, inFlight: 0,
  limits: { leastNetProfit: "1", leastGasMultiple: 1.5, mostAmount: "9", mostReserveSharePpm: 300_000, mostGas: "3000000", hourlyGas: "100", hourlyLoss: "50", hourlyReverts: 5 },
  spent: { gas: "30", loss: "80", reverts: 2 },
};

describe("risk-guard", () => {
  let etcd: EtcdStandIn;
  let deps: Deps;
  let minute = 0;
  before(async () => {
    etcd = await startEtcdStandIn();
    deps = {
      etcd: new EtcdGateway(etcd.url), now: () => new Date(Date.UTC(2026, 0, 1, 0, minute++)),
      trader: {
        state: async () => STATE,
        gates: async () => ({ since: "2026-01-01T00:00:00.000Z", gates: [{ gate: "kill_switch_set", refusals: 0, last: null },
          { gate: "below_floor", refusals: 3, last: { message: "net profit 1; at least 2", key: "31337:7:ab", at: "2026-01-01T00:01:00.000Z" } }] }),
      },
    };
  });
  after(() => etcd?.close());

  it("stops trading with who, when and why, and lifts the very stop that was read", async () => {
    assert.deepEqual(await callTool(getKillSwitch, deps, {}), { state: "clear", by: null, at: null, reason: null });
    const stopped = await callTool(stopTrading, deps, { reason: "pools look wrong" }, as("admin"));
    assert.deepEqual([stopped.state, stopped.by, stopped.reason], ["set", "user:admin", "pools look wrong"]);
    assert.notEqual(etcd.keys.get(KILL_SWITCH_KEY)!.value, KILL_SWITCH_CLEAR);
    assert.equal(etcd.keys.get(KILL_SWITCH_KEY)!.lease, null);
    const again = await callTool(stopTrading, deps, { reason: "and still do" }, as("admin"));
    await assert.rejects(callTool(resumeTrading, deps, { stoppedAt: stopped.at }, as("admin")), /was set at .* by user:admin \(and still do\), not at/);
    assert.equal((await callTool(getKillSwitch, deps, {})).state, "set");
    const resumed = await callTool(resumeTrading, deps, { stoppedAt: again.at }, as("admin"));
    assert.deepEqual([resumed.state, resumed.lifted!.reason, etcd.keys.get(KILL_SWITCH_KEY)!.value], ["clear", "and still do", KILL_SWITCH_CLEAR]);
  });

  it("takes any other value as a stop, and lets it be lifted", async () => {
    await deps.etcd.put(KILL_SWITCH_KEY, "");
    assert.deepEqual(await callTool(getKillSwitch, deps, {}), { state: "set", by: null, at: null, reason: "" });
    assert.equal((await callTool(resumeTrading, deps, { stoppedAt: null }, as("admin"))).state, "clear");
  });

  it("lets administrators alone stop and resume; services and readers look", async () => {
    for (const role of ["service", "operator", "reader"] as const) {
      await assert.rejects(callTool(stopTrading, deps, { reason: "because" }, as(role)), /wants a caller that may administer/);
      await assert.rejects(callTool(resumeTrading, deps, { stoppedAt: null }, as(role)), /wants a caller that may administer/);
      assert.equal((await callTool(getKillSwitch, deps, {}, as(role))).state, "clear");
    }
  });

  it("shows gates in their order, those that kept something back, and budgets that are used up as used up", async () => {
    assert.deepEqual((await callTool(listGates, deps, {})).gates.map(({ gate }) => gate), ["kill_switch_set", "below_floor"]);
    assert.deepEqual((await callTool(listGates, deps, { onlyShut: true })).gates.map(({ gate, refusals }) => [gate, refusals]), [["below_floor", 3]]);
    const { gas, loss, reverts, blockNumber } = await callTool(getBudgets, deps, {});
    assert.deepEqual([gas.leftWei, loss.leftWei, reverts.left, blockNumber], ["70", "0", 3, 7]);
  });

  it("says that nothing is traded while etcd is away", async () => {
    const away: Deps = { ...deps, etcd: new EtcdGateway("http://127.0.0.1:1") };
    await assert.rejects(callTool(getKillSwitch, away, {}), /etcd does not answer: .* counts as set/);
    await assert.rejects(callTool(stopTrading, away, { reason: "because" }, as("admin")), /etcd does not answer/);
  });
});
