import assert from "node:assert/strict";
import { getAddress } from "viem/utils";
import { callTool } from "../../../../kit/testing.ts";
import { startTokenChain, type TokenChain } from "../testing.ts";
import { getTransaction } from "./get-transaction.ts";

describe("get_transaction", function () {
  this.timeout(30_000);
  let network: TokenChain;
  before(async () => { network = await startTokenChain(); });
  after(() => network?.stop());

  it("reads value, fee and confirmations of a plain transfer", async () => {
    const [from, to] = network.accounts as [`0x${string}`, `0x${string}`];
    const receipt = await network.send({ from, to, value: 1_500_000_000_000_000_000n });
    await network.mine(4);
    const answer = await callTool(getTransaction, network.deps, { hash: receipt.transactionHash });
    assert.equal(answer.status, "succeeded");
    assert.equal(answer.valueWei, "1500000000000000000");
    assert.equal(answer.valueEther, "1.5");
    assert.equal(answer.gasUsed, "21000");
    assert.equal(answer.feeWei, (21_000n * receipt.effectiveGasPrice).toString());
    assert.equal(answer.confirmations, 5);
    assert.deepEqual([answer.from, answer.to], [getAddress(from), getAddress(to)]);
    assert.deepEqual([answer.logCount, answer.contractAddress, answer.input], [0, null, "0x"]);
  });

  it("gives the logs of a call, and leaves calldata out when asked to", async () => {
    const { transactionHash } = await network.transfer(network.accounts[2]!, 77n);
    const answer = await callTool(getTransaction, network.deps, { hash: transactionHash, includeInput: false });
    assert.equal(answer.input, null);
    assert.equal(answer.logCount, 1);
    assert.equal(answer.logs[0]!.address.toLowerCase(), network.token.toLowerCase());
    assert.equal(BigInt(answer.logs[0]!.data), 77n);
    const whole = await callTool(getTransaction, network.deps, { hash: transactionHash });
    assert.ok(whole.input?.startsWith("0xa9059cbb"));
  });

  it("says what to do about an unknown hash", async () => {
    await assert.rejects(callTool(getTransaction, network.deps, { hash: `0x${"12".repeat(32)}` }), /No transaction 0x1212.*get_chain_status/);
    await assert.rejects(callTool(getTransaction, network.deps, { hash: "0x12" }), /hash: a hash is 0x and 64/);
  });
});
