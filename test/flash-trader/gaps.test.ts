/** What a trader is cut off from: the lease while a trade is out, more blocks than it can undo, room in a block, its budgets. */
import assert from "node:assert/strict";
import type { Hex } from "viem";
import { KEPT_BLOCKS } from "../../services/market/state/tracked-market.ts";
import { LivePermit } from "../../services/flash-trader/decide/live-permit.ts";
import { Rig, SETTINGS, type Running } from "./rig.ts";

describe("gaps", function () {
  this.timeout(60_000);
  let rig: Rig;
  beforeEach(async () => { rig = await Rig.start(); });
  afterEach(() => rig.stop());

  const sent = async (running: Running): Promise<Hex> => {
    await rig.push(40n);
    await rig.round(running);
    assert.equal(running.told.sent.length, 1, JSON.stringify(running.told));
    return running.told.sent[0]!;
  };

  it("the lease is lost while a trade is out: it is left alone, and taken up with the lease again", async () => {
    const running = await rig.trader();
    const hash = await sent(running);
    running.lease.isHeld = false;
    await rig.ask("anvil_dropTransaction", hash);
    for (let block = 0; block < 2; block++) await rig.round(running);
    assert.deepEqual([await rig.pending(), running.told.statuses], [0, []], "whoever has the lease may be at it");
    running.lease.isHeld = true;
    for (let block = 0; block < 5; block++) await rig.round(running);
    const [first] = (await rig.trades()).toReversed();
    assert.deepEqual([first!.status, first!.signatures[0]!.hash], ["dropped", hash], "its deadline has passed, and the chain does not know it");
  });

  it("a second trader gets the lease: it ends what the first has sent, and the first does not touch it any more", async () => {
    const [one, two] = [await rig.trader(), await rig.trader()];
    two.lease.isHeld = false;
    const hash = await sent(one);
    await two.trader.onHead(await rig.head());
    one.lease.isHeld = false;
    two.lease.isHeld = true;
    for (let block = 0; block < 4; block++) {
      await rig.mine();
      const head = await rig.head();
      await Promise.all([one, two].map(({ trader }) => trader.onHead(head)));
    }
    assert.deepEqual(one.told.statuses, []);
    assert.deepEqual(two.told.statuses.slice(0, 2), ["mined", "succeeded"]);
    assert.equal((await rig.trades()).at(-1)!.outcome!.hash, hash);
  });

  it("a trader that stands by leaves the claims of the one that works alone", async () => {
    const working = await rig.trader();
    await rig.round(working);
    await rig.books.claim({
      key: "k", chainId: SETTINGS.chainId, block: 1, blockHash: "0xb1", account: "0x14dC79964da2C08b23698B3D3cc7Ca32193d9955", token: "0xa0", pools: [], lender: "balancer-v2",
      lenderAddress: "0xba", amount: 1n, predictedProfit: 1n, predictedGasCost: 1n, mode: "live",
    });
    const standby = await rig.trader();
    standby.lease.isHeld = false;
    await rig.round(standby);
    assert.equal((await rig.books.get("k"))!.status, "claimed");
    standby.lease.isHeld = true;
    await rig.round(standby);
    assert.equal((await rig.books.get("k"))!.status, "abandoned", "with the lease nobody else can be at it");
  });

  it("more blocks are missing than can be undone: the market is read anew, and trading goes on", async () => {
    const running = await rig.trader({ sampled: 100 });
    await rig.round(running);
    await rig.push(20n, "DAI");
    await rig.ask("anvil_mine", `0x${(KEPT_BLOCKS + 5).toString(16)}`);
    await running.trader.onHead(await rig.head());
    assert.deepEqual([running.told.faults, running.told.halted], [["gap_too_wide"], null]);
    await rig.push(40n);
    await rig.round(running);
    assert.ok(running.told.sent.length >= 1, JSON.stringify(running.told));
  });

  it("a block without room: the trade that waits is replaced under its nonce by a dearer one, and one of them is mined", async () => {
    const running = await rig.trader();
    const hash = await sent(running);
    const first = (await rig.trades())[0]!.signatures[0]!;
    // anvil forgets what is too cheap for its next block, and keeps what finds no room in it.
    const { gasLimit } = await rig.ask<{ gasLimit: Hex }>("eth_getBlockByNumber", "latest", false);
    await rig.ask("evm_setBlockGasLimit", "0x30d40");
    await rig.mine();
    await rig.ask("evm_setBlockGasLimit", gasLimit);
    await running.trader.onHead(await rig.head());
    const trade = (await rig.trades()).at(-1)!;
    assert.deepEqual(trade.signatures.map(({ kind, nonce }) => [kind, nonce]), [["trade", first.nonce], ["trade", first.nonce]]);
    assert.ok(trade.signatures[1]!.fees.maxFeePerGas >= (first.fees.maxFeePerGas * 9n) / 8n);
    for (let block = 0; block < 4; block++) await rig.round(running);
    const ended = (await rig.trades()).at(-1)!;
    assert.equal(ended.status, "succeeded");
    assert.notEqual(ended.outcome!.hash, hash, "the dearer one");
    assert.equal(await rig.ask("eth_getTransactionReceipt", hash), null);
  });

  it("budgets of the hour, live: reverts that the chain has shown stop the next trade, and the gas that is paid counts", async () => {
    const running = await rig.trader({ limits: { ...SETTINGS.limits, hourlyReverts: 1 } });
    await sent(running);
    await rig.ask("eth_sendTransaction", await rig.backwards(40n));
    for (let block = 0; block < 4; block++) await rig.round(running);
    assert.equal((await rig.trades()).at(-1)!.status, "failed");
    running.told.gates.length = 0;
    await rig.push(60n);
    await rig.round(running);
    assert.deepEqual([...new Set(running.told.gates)], ["revert_budget"]);
    // Another process reads what it has cost from the books.
    const spent = (await rig.trades()).at(-1)!.outcome!.gasCost;
    for (const [limits, gate] of [[{ hourlyLoss: spent }, "loss_budget"], [{ hourlyGas: spent }, "gas_budget"]] as const) {
      const next = await rig.trader({ limits: { ...SETTINGS.limits, ...limits } });
      await rig.round(next);
      assert.deepEqual([[...new Set(next.told.gates)], next.told.sent], [[gate], []]);
    }
  });

  it("leave for one live trade is for one, on the chain that the deployment names, and ends in time", async () => {
    const permit = new LivePermit();
    const running = await rig.trader({ mode: "dry-run" }, undefined, permit);
    await rig.push(60n);
    const key = permit.ask(20_000);
    await assert.rejects(permit.ask(20_000), /one at a time/);
    await rig.round(running);
    assert.equal(running.told.sent.length, 1);
    assert.equal((await rig.books.get((await key)!))!.mode, "live");
    await rig.push(60n, "DAI");
    for (let block = 0; block < 3; block++) await rig.round(running);
    assert.deepEqual([running.told.sent.length, running.told.rehearsed > 0], [1, true]);
    assert.equal(await permit.ask(100), null);
    const elsewhere = await rig.trader({ mode: "dry-run", liveChainId: 1 }, undefined, permit);
    const none = permit.ask(1_000);
    await rig.push(60n, "LINK");
    await rig.round(elsewhere);
    assert.deepEqual([elsewhere.told.sent, await none], [[], null]);
  });
});
