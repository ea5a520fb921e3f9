import assert from "node:assert/strict";
import type { Failure } from "../system/failure.ts";
import { rpc, startMarket, type RunningMarket } from "../../test/support/market.ts";
import { blockNumber, mine, parseBlocks, revertTo, takeSnapshot } from "./chain-rpc.ts";

describe("./mcp devnet", function () {
  this.timeout(60_000);
  let market: RunningMarket;
  before(async () => { market = await startMarket(); });
  after(() => market?.stop());

  it("goes back to a snapshot, and back again", async () => {
    const { url } = market;
    const begun = await blockNumber(url);
    let id = await takeSnapshot(url);
    for (const blocks of [3, 5]) {
      assert.equal(await mine(url, blocks), begun + blocks);
      id = await revertTo(url, id);
      assert.equal(await blockNumber(url), begun);
    }
  });

  it("mines what waits", async () => {
    const { url, book } = market;
    await rpc(url, "evm_setAutomine", [false]);
    const hash = await rpc(url, "eth_sendTransaction", [{ from: book.accounts.deployer, to: book.accounts.trader, value: "0x1" }]);
    const block = await mine(url, 2);
    const receipt = await rpc<{ blockNumber: string }>(url, "eth_getTransactionReceipt", [hash]);
    assert.equal(Number(receipt.blockNumber), block - 1);
  });

  it("says what is wrong with a snapshot, a number of blocks, and a chain that is away", async () => {
    const refuses = (exitCode: number, pattern: RegExp) => (error: Failure): boolean => error.exitCode === exitCode && pattern.test(error.message);
    await assert.rejects(revertTo(market.url, "0xffff"), refuses(2, /there is no snapshot 0xffff/));
    await assert.rejects(revertTo(market.url, "last"), refuses(2, /"last" is no snapshot/));
    for (const word of ["0", "-1", "1.5", "many", ""]) assert.throws(() => parseBlocks(word), refuses(2, /is no number of blocks/));
    assert.equal(parseBlocks(undefined), 1);
    await assert.rejects(blockNumber("http://127.0.0.1:1"), refuses(1, /does not answer/));
  });
});
