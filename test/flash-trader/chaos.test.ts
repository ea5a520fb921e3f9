/** What goes wrong between a block and a receipt: never two transactions for an opportunity, no loss beyond gas, books as the chain. */
import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { join, dirname } from "node:path";
import { writeFileSync } from "node:fs";
import type { Hex } from "viem";
import { followHeads } from "../../services/market/chain/head-feed.ts";
import { Rig, type Running } from "./rig.ts";

describe("chaos", function () {
  this.timeout(60_000);
  let rig: Rig;
  let start: { tokens: bigint; ether: bigint };
  const ether = async (): Promise<bigint> => BigInt(await rig.ask<Hex>("eth_getBalance", rig.market.book.accounts.executorOwner, "latest"));
  beforeEach(async () => {
    rig = await Rig.start();
    start = { tokens: await rig.balance(rig.market.book.accounts.executorOwner), ether: await ether() };
  });
  afterEach(() => rig.stop());

  /** Pushes a price and lets the trader send. */
  const sent = async (running: Running, ethers = 40n): Promise<Hex> => {
    await rig.push(ethers);
    await rig.round(running);
    assert.equal(running.told.sent.length, 1, JSON.stringify(running.told));
    return running.told.sent[0]!;
  };

  const settle = async (running: Running, blocks = 12): Promise<void> => {
    for (let block = 0; block < blocks; block++) await rig.round(running);
  };

  /** Of every trade that ended: what the books say is what the account has gained and paid, and nobody paid but gas. */
  const booksEqualChain = async (): Promise<void> => {
    const trades = await rig.trades();
    const mined = trades.flatMap(({ outcome }) => outcome ?? []);
    assert.equal(await rig.balance(rig.market.book.accounts.executorOwner) - start.tokens, mined.reduce((sum, { profit }) => sum + profit, 0n));
    assert.equal(start.ether - await ether(), mined.reduce((sum, { gasCost }) => sum + gasCost, 0n));
    assert.equal(await rig.sentCount(), mined.length, "as many transactions as the books have mined ones");
    assert.equal(new Set(mined.map(({ hash }) => hash)).size, mined.length);
    assert.ok(mined.every(({ profit }) => profit >= 0n));
    assert.equal(await rig.pending(), 0);
    for (const { hash, blockHash } of mined) assert.equal((await rig.ask<{ blockHash: Hex } | null>("eth_getTransactionReceipt", hash))?.blockHash, blockHash);
  };

  it("a block that is taken back with the trade in it: the same bytes again, or none", async () => {
    const running = await rig.trader({ policy: { replaceAfterBlocks: 1, dropAfterBlocks: 2, confirmations: 5 } });
    const hash = await sent(running);
    await rig.round(running);
    assert.deepEqual(running.told.statuses, ["mined"]);
    await rig.ask("anvil_reorg", 1, []);
    assert.equal(await rig.ask("eth_getTransactionReceipt", hash), null, "anvil does not put it back");
    await running.trader.onHead(await rig.head());
    assert.equal(running.told.reorganised, 1);
    assert.equal(running.told.statuses.at(-1), "sent");
    await settle(running);
    const first = (await rig.trades()).at(-1)!;
    assert.equal(first.signatures.filter(({ hash: own }) => own === first.outcome?.hash).length, 1);
    await booksEqualChain();
  });

  it("blocks that are taken back far, by a snapshot: the market's state goes back with them", async () => {
    const running = await rig.trader({ mode: "dry-run", sampled: 100 });
    await rig.round(running);
    const snapshot = await rig.ask("evm_snapshot");
    for (let block = 0; block < 5; block++) {
      await rig.push(20n);
      await rig.round(running);
    }
    await rig.ask("evm_revert", snapshot);
    await running.trader.onHead(await rig.head());
    assert.deepEqual(running.told.faults, ["old_block"], "a head that lies below ours is not believed until it grows");
    await rig.push(3n, "DAI");
    await rig.round(running);
    assert.deepEqual([running.told.reorganised, running.told.halted], [1, null]);
  });

  it("a transaction that the node loses: sent again while it can earn, given up when it cannot", async () => {
    const running = await rig.trader();
    const hash = await sent(running);
    await rig.ask("anvil_dropTransaction", hash);
    await rig.round(running);
    assert.equal(await rig.pending(), 1, "the same bytes are back");
    await settle(running);
    await booksEqualChain();
    assert.equal((await rig.trades()).at(-1)!.signatures.length, 1);
  });

  it("the kill switch while a transaction is lost: it is not sent again", async () => {
    const running = await rig.trader();
    await sent(running);
    running.killSwitch.answer = null;
    for (let block = 0; block < 4; block++) {
      await rig.ask("anvil_dropAllTransactions");
      await rig.round(running);
      assert.equal(await rig.pending(), 0);
    }
    assert.equal((await rig.trades())[0]!.status, "dropped");
    await booksEqualChain();
  });

  it("a transaction that is lost again and again: dropped after its deadline, and its nonce is free", async () => {
    const running = await rig.trader();
    await sent(running);
    for (let block = 0; block < 4; block++) {
      await rig.ask("anvil_dropAllTransactions");
      await rig.round(running);
    }
    assert.equal((await rig.trades()).at(-1)!.status, "dropped");
    await settle(running);
    await booksEqualChain();
  });

  it("a competitor who takes it first: the trade reverts or is worth what is left, and costs its gas at most", async () => {
    const running = await rig.trader();
    await sent(running);
    // Ahead of it in the same block, and the other way round: the price is back where it was.
    const { book } = rig.market;
    const rival = await rig.ask<Hex>("eth_sendTransaction", await rig.backwards(40n));
    await settle(running);
    assert.equal((await rig.ask<{ transactionIndex: Hex }>("eth_getTransactionReceipt", rival)).transactionIndex, "0x0");
    const trade = (await rig.trades()).at(-1)!;
    assert.equal(trade.status, "failed");
    assert.equal(trade.outcome!.profit, 0n);
    assert.equal(await rig.balance(book.executor), 0n);
    await booksEqualChain();
  });

  it("the same head twice, at once and later: one transaction", async () => {
    const running = await rig.trader();
    await rig.push(40n);
    await rig.mine();
    const head = await rig.head();
    await Promise.all([1, 2, 3].map(() => running.trader.onHead(head)));
    await running.trader.onHead(head);
    assert.deepEqual([running.told.sent.length, await rig.pending()], [1, 1]);
    const second = await rig.trader();
    await second.trader.onHead(head);
    await settle(running);
    await booksEqualChain();
  });

  it("two traders on one chain that both find it: the books give it to one", async () => {
    const [one, two] = [await rig.trader(), await rig.trader()];
    await rig.push(40n);
    await rig.mine();
    const head = await rig.head();
    await Promise.all([one, two].map(({ trader }) => trader.onHead(head)));
    assert.equal(one.told.sent.length + two.told.sent.length, 1);
    assert.deepEqual([...one.told.gates, ...two.told.gates], ["already_seen"]);
  });

  it("a WebSocket that is cut: heads are asked for, and no block is missed", async () => {
    const running = await rig.trader({ sampled: 100 });
    const stop = new AbortController();
    const seen = new Set<string>();
    const connections: boolean[] = [];
    const through = await rig.proxy();
    const feed = followHeads({
      url: through.url, pollMs: 20, latest: () => rig.head(), onConnection: (connected) => connections.push(connected),
      onHead: (hash) => { seen.add(hash); void running.trader.onHead(hash); },
    }, stop.signal);
    try {
      while (connections.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      for (let block = 0; block < 12; block++) {
        if (block === 4) through.cut();
        await rig.push(BigInt(block + 1), "LINK");
        await rig.mine();
        await new Promise((resolve) => setTimeout(resolve, 30));
      }
      const head = await rig.head();
      while (running.trader.head!.hash !== head) await new Promise((resolve) => setTimeout(resolve, 10));
      assert.ok(connections.includes(false), "it was cut");
      assert.equal(running.told.halted, null, "all pools are as the chain has them");
    } finally {
      stop.abort();
      through.close();
      await feed;
      await running.trader.idle();
    }
  });

  for (const late of [false, true]) {
    it(`killed between signature and sending, and started again ${late ? "after the deadline: given up" : "at once: the very bytes that were signed"}`, async () => {
      const bookFile = join(dirname(rig.booksFile), "market.json");
      writeFileSync(bookFile, JSON.stringify(rig.market.book));
      const child = fork(join(import.meta.dirname, "killed-trader.ts"), [rig.market.url, rig.booksFile, bookFile], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
      await once(child, "message");
      await rig.push(40n);
      await rig.mine();
      const ended = once(child, "exit");
      child.send("head");
      assert.deepEqual(await ended, [null, "SIGKILL"]);
      assert.equal(await rig.pending(), 0);
      const [left] = await rig.trades();
      assert.deepEqual([left!.status, left!.signatures.length], ["signed", 1]);
      if (late) for (let block = 0; block < 3; block++) await rig.mine();
      const running = await rig.trader();
      await settle(running);
      const trade = (await rig.trades()).at(-1)!;
      assert.equal(trade.key, left!.key);
      assert.deepEqual([trade.status, trade.signatures.length, trade.outcome?.hash], late ? ["dropped", 1, undefined] : ["succeeded", 1, left!.signatures[0]!.hash]);
      await booksEqualChain();
    });
  }
});
