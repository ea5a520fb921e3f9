import assert from "node:assert/strict";
import { callTool } from "../../../../kit/testing.ts";
import { startTokenChain, type TokenChain } from "../testing.ts";
import { getBalance } from "./get-balance.ts";

describe("get_balance", function () {
  this.timeout(30_000);
  let network: TokenChain;
  before(async () => { network = await startTokenChain(5_000_000n); });
  after(() => network?.stop());

  it("reads ether and tokens at one block, and an older block as it was", async () => {
    const receiver = network.accounts[3]!;
    const before = network.deployedAt;
    const { blockNumber } = await network.transfer(receiver, 1_250_000n);
    const now = await callTool(getBalance, network.deps, { address: receiver, tokens: [network.token] });
    assert.equal(now.blockNumber, Number(blockNumber));
    assert.deepEqual([now.balanceWei, now.balanceEther, now.nonce, now.isContract], ["10000000000000000000000", "10000", 0, false]);
    assert.deepEqual(now.tokens.map(({ symbol, decimals, balanceUnits, balance, problem }) => ({ symbol, decimals, balanceUnits, balance, problem })),
      [{ symbol: "TST", decimals: 6, balanceUnits: "1250000", balance: "1.25", problem: null }]);
    const then = await callTool(getBalance, network.deps, { address: receiver, tokens: [network.token], block: before });
    assert.deepEqual([then.blockNumber, then.tokens[0]!.balance], [before, "0"]);
  });

  it("tells a contract from an account, and a token from what is none", async () => {
    const notToken = network.accounts[5]!;
    const answer = await callTool(getBalance, network.deps, { address: network.token, tokens: [notToken] });
    assert.deepEqual([answer.isContract, answer.balanceWei], [true, "0"]);
    assert.equal(answer.tokens[0]!.balanceUnits, null);
    assert.match(answer.tokens[0]!.problem!, /no ERC-20 token/);
  });

  it("refuses an address with a wrong checksum", async () => {
    await assert.rejects(callTool(getBalance, network.deps, { address: "0xD8dA6BF26964aF9D7eEd9e03E53415D37aA96045" }), /checksum is wrong/);
  });
});
