import assert from "node:assert/strict";
import { getBlockNumber } from "viem/actions";
import { encodeFunctionData, parseAbi } from "viem/utils";
import { callTool } from "../../../../kit/testing.ts";
import { COUNTER, startBench, type Bench } from "../testing.ts";
import { deployContract } from "./deploy-contract.ts";
import { reportGas } from "./report-gas.ts";

const ABI = parseAbi(["function add(uint256 times) returns (uint256)", "function clear()"]);

describe("report_gas", function () {
  this.timeout(30_000);
  let bench: Bench;
  before(async () => { bench = await startBench(); });
  after(() => bench?.stop());
  const sources = { "Counter.sol": COUNTER };
  const calls = [{ function: "add", args: ["2"] }, { function: "clear" }, { function: "add", args: ["3"] }, { function: "add", args: ["0"] }];

  it("reports what the chain then really charges, each call on the state before it", async () => {
    const from = bench.accounts[0]!;
    const report = await callTool(reportGas, bench.deps, { sources, constructorArgs: ["7"], from, calls });
    assert.equal(await getBlockNumber(bench.chain, { cacheTime: 0 }), 0n, "nothing was sent");
    const deployed = await callTool(deployContract, bench.deps, { sources, args: ["7"], from, send: true });
    assert.equal(report.deployment!.gas, deployed.receipt!.gasUsed);
    assert.equal(report.address.toLowerCase(), deployed.contractAddress!.toLowerCase());
    const to = deployed.contractAddress as `0x${string}`;
    const real = [
      encodeFunctionData({ abi: ABI, functionName: "add", args: [2n] }),
      encodeFunctionData({ abi: ABI, functionName: "clear" }),
      encodeFunctionData({ abi: ABI, functionName: "add", args: [3n] }),
    ];
    for (const [i, data] of real.entries()) {
      assert.equal(report.calls[i]!.gas, (await bench.send({ from, to, data })).gasUsed.toString(), report.calls[i]!.function);
    }
    assert.deepEqual(report.calls.map(({ status }) => status), ["succeeded", "succeeded", "succeeded", "reverted"]);
    assert.equal(report.calls[3]!.revertReason, "Refused(0)");
    assert.equal(report.totalGas, (BigInt(report.deployment!.gas) + report.calls.reduce((sum, { gas }) => sum + BigInt(gas), 0n)).toString());
  });

  it("reports on a contract that is deployed already", async () => {
    const { contractAddress: address } = await callTool(deployContract, bench.deps, { sources, args: ["1"], send: true });
    const report = await callTool(reportGas, bench.deps, { address, calls: [{ function: "add(uint256 times) returns (uint256)", args: ["1"] }] });
    assert.equal(report.deployment, null);
    assert.ok(BigInt(report.calls[0]!.gas) > 21_000n && BigInt(report.calls[0]!.gas) < 60_000n);
  });

  it("explains a failing constructor and an empty address", async () => {
    await assert.rejects(callTool(reportGas, bench.deps, { sources, constructorArgs: ["0"] }), /constructor fails \("step is zero"\)/);
    await assert.rejects(callTool(reportGas, bench.deps, { address: `0x${"22".repeat(20)}`, calls: [] }), /no contract at 0x2222/);
  });
});
