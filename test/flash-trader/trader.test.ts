/** From a planted opportunity to the books, on the local chain's market. */
import assert from "node:assert/strict";
import type { Hex } from "viem";
import type { Trade } from "../../services/flash-trader/books/books.ts";
import { Rig } from "./rig.ts";

describe("the flash trader on the market", function () {
  this.timeout(60_000);
  let rig: Rig;
  beforeEach(async () => { rig = await Rig.start(); });
  afterEach(() => rig.stop());

  it("finds what was planted, takes it live, and its books equal the chain to the wei", async () => {
    const owner = rig.market.book.accounts.executorOwner;
    const running = await rig.trader();
    await rig.round(running);
    assert.equal(running.told.opportunities, 0, "the market starts with nothing to be had");
    await rig.push(100n);
    const [tokens, ether] = [await rig.balance(owner), BigInt(await rig.ask<Hex>("eth_getBalance", owner, "latest"))];
    await rig.round(running);
    assert.deepEqual(running.told.faults, []);
    assert.deepEqual(running.told.gates, []);
    assert.equal(running.told.sent.length, 1);
    // What the first left to be had is taken next, until there is nothing.
    for (let block = 0; block < 12; block++) await rig.round(running);
    const trades = await rig.trades();
    const sum = (pick: (trade: Trade) => bigint): bigint => trades.reduce((total, trade) => total + pick(trade), 0n);
    assert.ok(trades.length >= 1 && trades.every(({ status }) => status === "succeeded"));
    assert.equal(await rig.balance(owner) - tokens, sum(({ outcome }) => outcome!.profit));
    assert.equal(ether - BigInt(await rig.ask<Hex>("eth_getBalance", owner, "latest")), sum(({ outcome }) => outcome!.gasCost));
    for (const { outcome, predictedProfit } of trades) assert.equal(outcome!.profit, predictedProfit, "nobody traded between: what was predicted is what came");
    assert.equal(await rig.sentCount(), trades.length);
    assert.equal(await rig.balance(rig.market.book.executor), 0n);
    assert.deepEqual(running.told.faults, []);
  });

  it("sends nothing in a rehearsal, and writes down what it would have done; one of the two settings does not make it live", async () => {
    for (const settings of [{ mode: "dry-run" }, { liveChainId: null }, { liveChainId: 1 }] as const) {
      const running = await rig.trader(settings);
      await rig.push(30n);
      await rig.round(running);
      assert.deepEqual([running.told.rehearsed, running.told.sent, running.told.faults], [1, [], []]);
      const [trade] = await rig.trades();
      assert.deepEqual([trade!.status, trade!.mode, trade!.signatures], ["rehearsed", "dry-run", []]);
    }
    assert.deepEqual([await rig.sentCount(), await rig.pending()], [0, 0]);
  });

  it("sends nothing while the kill switch is set, cannot be asked, or the lease is lost, and counts it by name", async () => {
    const running = await rig.trader();
    await rig.push(50n);
    running.killSwitch.answer = "set";
    await rig.round(running);
    running.killSwitch.answer = null;
    await rig.round(running);
    running.killSwitch.answer = "clear";
    running.lease.isHeld = false;
    await rig.round(running);
    assert.deepEqual([...new Set(running.told.gates)], ["kill_switch_set", "kill_switch_unreachable", "lease_lost"]);
    assert.deepEqual([await rig.sentCount(), await rig.pending(), await rig.trades()], [0, 0, []]);
    running.lease.isHeld = true;
    await rig.round(running);
    assert.equal(running.told.sent.length, 1, "and goes on when all are well");
  });

  it("has the state of every pool as the chain has it, others' trades and its own between, on both kinds of pools", async () => {
    const running = await rig.trader({ sampled: 100 });
    for (let block = 0; block < 15; block++) {
      await rig.push(BigInt(1 + ((block * 7) % 40)), ["USDC", "USDT", "DAI", "WBTC", "LINK", "UNI"][block % 6]);
      await rig.round(running);
    }
    assert.equal(running.told.halted, null);
    assert.deepEqual(running.told.faults, []);
    const traded = new Set((await rig.trades()).flatMap(({ status, pools }) => (status === "succeeded" ? pools : [])));
    assert.ok(rig.market.book.uniswapV3.pools.some(({ address }) => traded.has(address.toLowerCase())), "a V3 pool among them");
  });

  it("stops trading, with its name, when the chain's state is not what the logs say", async () => {
    const running = await rig.trader({ sampled: 100 });
    // Reserves of a pair, in slot 8 of UniswapV2Pair.sol, changed without a trade.
    const pair = rig.market.book.uniswapV2[0]!.pools[0]!.address;
    const slot = await rig.ask<Hex>("eth_getStorageAt", pair, "0x8", "latest");
    await rig.ask("anvil_setStorageAt", pair, "0x8", `${slot.slice(0, -1)}${slot.endsWith("1") ? "2" : "1"}`);
    await rig.push(50n, "DAI");
    await rig.round(running);
    assert.match(running.told.halted ?? "", new RegExp(`^state_mismatch: pool ${pair.toLowerCase()} at block \\d+: reserves \\d+, \\d+ here, `));
    await rig.push(50n, "LINK");
    await rig.round(running);
    assert.deepEqual([running.told.sent, await rig.pending()], [[], 0]);
  });
});
