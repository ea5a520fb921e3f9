import assert from "node:assert/strict";
import { callTool } from "../../../../kit/testing.ts";
import { startTokenChain, type TokenChain } from "../testing.ts";
import { estimateGas } from "./estimate-gas.ts";

describe("estimate_gas", function () {
  this.timeout(30_000);
  let network: TokenChain;
  before(async () => { network = await startTokenChain(); });
  after(() => network?.stop());

  it("estimates a plain transfer at 21 000 and prices it", async () => {
    const answer = await callTool(estimateGas, network.deps, { from: network.accounts[0], to: network.accounts[1], valueWei: "5" });
    assert.deepEqual([answer.status, answer.gas, answer.calldataBytes], ["estimated", "21000", 0]);
    const baseFeeWei = BigInt(Math.round(Number(answer.nextBaseFeeGwei) * 1e9));
    assert.equal(answer.costWei, (21_000n * baseFeeWei).toString());
  });

  it("suffices for the call it estimated", async () => {
    const [from, to] = [network.accounts[0]!, network.accounts[4]!];
    const answer = await callTool(estimateGas, network.deps, { from, to: network.token, function: "transfer(address,uint256)", args: [to, "9"] });
    const { gasUsed } = await network.transfer(to, 9n);
    assert.ok(BigInt(answer.gas!) >= gasUsed, `${answer.gas} for ${gasUsed}`);
    assert.ok(BigInt(answer.gas!) < 2n * gasUsed);
    assert.equal(answer.calldataBytes, 68);
  });

  it("says why a transaction would revert", async () => {
    const poor = { from: network.accounts[9], to: network.token, function: "transfer", abi: network.abi, args: [network.token, "3"] };
    const answer = await callTool(estimateGas, network.deps, poor);
    assert.deepEqual([answer.status, answer.gas], ["reverted", null]);
    assert.match(answer.revertReason!, /^TooPoor\(0x.*, 0, 3\)$/);
    assert.equal((await callTool(estimateGas, network.deps, { to: network.token, function: "refuse()" })).revertReason, "never");
  });

  it("wants one form of input", async () => {
    await assert.rejects(callTool(estimateGas, network.deps, {}), /Give to, or data with creation code/);
    await assert.rejects(callTool(estimateGas, network.deps, { to: network.token, data: "0x00", function: "f()" }), /not both/);
  });
});
