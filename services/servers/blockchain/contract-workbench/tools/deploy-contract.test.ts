import assert from "node:assert/strict";
import { getBlockNumber, getCode } from "viem/actions";
import { callTool } from "../../../../kit/testing.ts";
import { COUNTER, startBench, type Bench } from "../testing.ts";
import { deployContract } from "./deploy-contract.ts";

describe("deploy_contract", function () {
  this.timeout(30_000);
  let bench: Bench;
  before(async () => { bench = await startBench(); });
  after(() => bench?.stop());
  const counter = { sources: { "Counter.sol": COUNTER }, args: ["7"] };

  it("prepares an unsigned transaction and touches nothing", async () => {
    const from = bench.accounts[1]!;
    const answer = await callTool(deployContract, bench.deps, { ...counter, from });
    assert.deepEqual([answer.sent, answer.receipt, answer.transaction.nonce, answer.transaction.chainId], [false, null, 0, 31_337]);
    assert.equal(await getBlockNumber(bench.chain, { cacheTime: 0 }), 0n);
    assert.equal(await getCode(bench.chain, { address: answer.contractAddress as `0x${string}` }), undefined);
    const { data, gas } = answer.transaction;
    const receipt = await bench.send({ from, data: data as `0x${string}` });
    assert.equal(receipt.contractAddress?.toLowerCase(), answer.contractAddress!.toLowerCase());
    assert.ok(BigInt(gas) > receipt.gasUsed, "the limit suffices");
  });

  it("deploys on the devnet when told to, where it said it would", async () => {
    for (const index of [2, 3]) {
      const from = bench.accounts[index]!;
      const planned = await callTool(deployContract, bench.deps, { ...counter, from, valueWei: "5" });
      const answer = await callTool(deployContract, bench.deps, { ...counter, from, valueWei: "5", send: true });
      assert.equal(answer.sent, true);
      assert.equal(answer.contractAddress, planned.contractAddress);
      assert.ok((await getCode(bench.chain, { address: answer.contractAddress as `0x${string}` }))!.length > 300);
      assert.ok(BigInt(answer.receipt!.gasUsed) <= BigInt(answer.transaction.gas));
      assert.equal(answer.transaction.from!.toLowerCase(), from.toLowerCase());
    }
  });

  it("never sends on another chain, whatever it is told", async () => {
    const at = await getBlockNumber(bench.chain, { cacheTime: 0 });
    for (const devnetChainId of [null, 1]) {
      await assert.rejects(callTool(deployContract, { ...bench.deps, devnetChainId }, { ...counter, send: true }), /Chain 31337 is not the local devnet.*nothing was sent/);
    }
    assert.equal(await getBlockNumber(bench.chain, { cacheTime: 0 }), at);
  });

  it("explains a reverting constructor and a foreign account", async () => {
    await assert.rejects(callTool(deployContract, bench.deps, { ...counter, args: ["0"] }), /constructor reverts: "step is zero"/);
    await assert.rejects(callTool(deployContract, bench.deps, { ...counter, from: `0x${"11".repeat(20)}`, send: true }), /not unlocked on the devnet.*take one of 0xf39F/);
  });
});
