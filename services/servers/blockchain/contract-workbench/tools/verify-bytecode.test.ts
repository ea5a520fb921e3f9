import assert from "node:assert/strict";
import { callTool } from "../../../../kit/testing.ts";
import { COUNTER, startBench, type Bench } from "../testing.ts";
import { deployContract } from "./deploy-contract.ts";
import { verifyBytecode } from "./verify-bytecode.ts";

describe("verify_bytecode", function () {
  this.timeout(30_000);
  let bench: Bench;
  let address: string;
  before(async () => {
    bench = await startBench();
    address = (await callTool(deployContract, bench.deps, { sources: { "Counter.sol": COUNTER }, args: ["7"], send: true })).contractAddress!;
  });
  after(() => bench?.stop());
  const verify = (source: string, more: Record<string, unknown> = {}) => callTool(verifyBytecode, bench.deps, { sources: { "Counter.sol": source }, address, ...more });

  it("proves the very sources, and reads the immutable that the constructor set", async () => {
    const answer = await verify(COUNTER);
    assert.deepEqual([answer.match, answer.contract, answer.differences, answer.hint], ["exact", "Counter.sol:Counter", [], null]);
    assert.ok(answer.immutables.length > 0);
    assert.ok(answer.immutables.every(({ value }) => BigInt(value) === 7n));
    assert.equal(answer.compiledBytes, answer.deployedBytes);
  });

  it("tells a changed comment from changed code", async () => {
    assert.equal((await verify(`${COUNTER}\n// changed`)).match, "ignoringMetadata");
    const changed = await verify(COUNTER.replace("total += times * step", "total -= times * step"));
    assert.equal(changed.match, "different");
    assert.ok(changed.differences.length > 0 && changed.differences[0]!.offset > 0);
    assert.match(changed.hint!, /optimizerRuns/);
    assert.equal((await verify(COUNTER, { optimizerRuns: 0 })).match, "different");
  });

  it("says when there is nothing at the address", async () => {
    await assert.rejects(verify(COUNTER, { address: bench.accounts[0] }), /no contract at 0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266 in block 1/);
  });
});
