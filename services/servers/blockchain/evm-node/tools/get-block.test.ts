import assert from "node:assert/strict";
import { callTool } from "../../../../kit/testing.ts";
import { UserFault } from "../../../../kit/errors.ts";
import { startTokenChain, type TokenChain } from "../testing.ts";
import { getBlock } from "./get-block.ts";

describe("get_block", function () {
  this.timeout(30_000);
  let network: TokenChain;
  before(async () => { network = await startTokenChain(); });
  after(() => network?.stop());

  it("reads a block by number, tag and hash alike", async () => {
    const byNumber = await callTool(getBlock, network.deps, { block: network.deployedAt });
    assert.equal(byNumber.blockNumber, 1);
    assert.equal(byNumber.transactionCount, 1);
    assert.equal(byNumber.transactions.length, 1);
    assert.ok(BigInt(byNumber.gasUsed) > 100_000n);
    assert.equal(byNumber.unixSeconds, Date.parse(byNumber.time) / 1000);
    assert.deepEqual(await callTool(getBlock, network.deps, { hash: byNumber.hash! }), byNumber);
    assert.deepEqual(await callTool(getBlock, network.deps, {}), byNumber);
    const genesis = await callTool(getBlock, network.deps, { block: "earliest" });
    assert.deepEqual([genesis.blockNumber, genesis.transactionCount, genesis.gasUsed], [0, 0, "0"]);
    assert.equal(byNumber.parentHash, genesis.hash);
  });

  it("gives transaction hashes in pages", async () => {
    const whole = await callTool(getBlock, network.deps, { block: 1 });
    const none = await callTool(getBlock, network.deps, { block: 1, transactionsLimit: 0 });
    assert.deepEqual([none.transactions, none.nextTransactionsFrom], [[], 0]);
    const first = await callTool(getBlock, network.deps, { block: 1, transactionsLimit: 1 });
    assert.deepEqual([first.transactions, first.nextTransactionsFrom], [whole.transactions, null]);
  });

  it("names the newest block when the wanted one does not exist", async () => {
    await assert.rejects(callTool(getBlock, network.deps, { block: 77 }), (error) => error instanceof UserFault && /no block 77 .* newest is 1\./.test(error.message));
    await assert.rejects(callTool(getBlock, network.deps, { hash: `0x${"ab".repeat(32)}` }), /No block has the hash 0xabab.*reorganisation/);
  });
});
