import assert from "node:assert/strict";
import { callTool } from "../../../../kit/testing.ts";
import { startTokenChain, type TokenChain } from "../testing.ts";
import { getStorage } from "./get-storage.ts";

describe("get_storage", function () {
  this.timeout(30_000);
  let network: TokenChain;
  before(async () => { network = await startTokenChain(5_000_000n); });
  after(() => network?.stop());

  it("reads a mapping's entry by its key, by the slot it comes to, and as it was", async () => {
    const [owner, receiver] = [network.accounts[0]!, network.accounts[3]!];
    await network.transfer(receiver, 1_250_000n);
    const entry = (key: string) => ({ mappingSlot: "0", key });
    const { words } = await callTool(getStorage, network.deps, { address: network.token, slots: [entry(owner), entry(receiver), "0"] });
    assert.deepEqual(words.map(({ number }) => number), ["3750000", "1250000", "0"]);
    const again = await callTool(getStorage, network.deps, { address: network.token, slots: [words[1]!.slot] });
    assert.equal(again.words[0]!.value, words[1]!.value);
    const before = await callTool(getStorage, network.deps, { address: network.token, slots: [entry(receiver)], block: network.deployedAt });
    assert.deepEqual([before.words[0]!.number, before.blockNumber], ["0", network.deployedAt]);
  });

  it("refuses a slot that is none", async () => {
    await assert.rejects(callTool(getStorage, network.deps, { address: network.token, slots: ["0x12"] }), /The arguments of get_storage do not fit/);
    await assert.rejects(callTool(getStorage, network.deps, { address: network.token, slots: [] }), /do not fit/);
  });
});
