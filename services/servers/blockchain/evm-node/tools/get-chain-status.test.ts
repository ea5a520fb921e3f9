import assert from "node:assert/strict";
import { callTool } from "../../../../kit/testing.ts";
import { Unavailable } from "../../../../kit/errors.ts";
import { connectChain } from "../../../shared/evm-client.ts";
import { startChain, type TestChain } from "../../../shared/testing/anvil.ts";
import { getChainStatus } from "./get-chain-status.ts";

describe("get_chain_status", function () {
  this.timeout(30_000);
  let network: TestChain;
  before(async () => { network = await startChain("--chain-id", "4242", "--timestamp", "1700000000"); });
  after(() => network?.stop());

  it("tells the chain and follows its newest block", async () => {
    const deps = { chain: network.chain };
    const before = await callTool(getChainStatus, deps, {});
    assert.deepEqual([before.chainId, before.blockNumber, before.blockTime, before.syncing], [4242, 0, "2023-11-14T22:13:20.000Z", false]);
    assert.match(before.client, /^anvil/);
    assert.equal(before.baseFeeGwei, "1");
    assert.ok(before.blockAgeSeconds > 86_400, "a block of 2023 is old");
    await network.mine(3);
    assert.equal((await callTool(getChainStatus, deps, {})).blockNumber, 3);
  });

  it("says that the endpoint is away, as something that may pass", async () => {
    const deps = { chain: connectChain("http://127.0.0.1:9", 500) };
    await assert.rejects(callTool(getChainStatus, deps, {}), (error) => error instanceof Unavailable && /RPC endpoint did not answer/.test(error.message));
  });
});
