import assert from "node:assert/strict";
import { parseGwei } from "viem/utils";
import { callTool } from "../../../../kit/testing.ts";
import { startTokenChain, type TokenChain } from "../testing.ts";
import { getGasPrice } from "./get-gas-price.ts";

describe("get_gas_price", function () {
  this.timeout(30_000);
  let network: TokenChain;
  before(async () => {
    network = await startTokenChain();
    await network.mine(5);
  });
  after(() => network?.stop());

  it("follows the base fee down over empty blocks and suggests twice the next one plus the tip", async () => {
    const first = await callTool(getGasPrice, network.deps, {});
    await network.mine(3);
    const later = await callTool(getGasPrice, network.deps, {});
    assert.equal(later.blockNumber, first.blockNumber + 3);
    assert.ok(parseGwei(later.nextBaseFeeGwei) < parseGwei(first.nextBaseFeeGwei), "empty blocks lower the base fee");
    for (const suggestion of later.suggestions) {
      assert.equal(BigInt(suggestion.maxFeePerGasWei), 2n * parseGwei(later.nextBaseFeeGwei) + BigInt(suggestion.maxPriorityFeePerGasWei));
      assert.equal(parseGwei(suggestion.maxFeePerGasGwei), BigInt(suggestion.maxFeePerGasWei));
    }
    assert.deepEqual(later.suggestions.map((suggestion) => suggestion.percentile), [10, 50, 90]);
  });

  it("gives a history that ends at the newest block", async () => {
    const answer = await callTool(getGasPrice, network.deps, { blocks: 4, percentiles: [50], includeHistory: true });
    assert.deepEqual(answer.history.map((block) => block.blockNumber), [-3, -2, -1, 0].map((back) => answer.blockNumber + back));
    assert.equal(answer.history.at(-1)!.baseFeeGwei, answer.baseFeeGwei);
    assert.equal(answer.meanFullness, 0);
    const whole = await callTool(getGasPrice, network.deps, { blocks: 1_000 });
    assert.ok(whole.meanFullness > 0, "the deployment's block was not empty");
  });

  it("wants ascending percentiles", async () => {
    await assert.rejects(callTool(getGasPrice, network.deps, { percentiles: [50, 10] }), /must ascend: found 50, 10/);
  });
});
