import assert from "node:assert/strict";
import { callTool } from "../../../../kit/testing.ts";
import { computeSelector } from "./compute-selector.ts";

const select = (signature: string, kind?: string) => callTool(computeSelector, null, { signature, ...(kind ? { kind } : {}) });

describe("compute_selector", () => {
  it("gives selectors that everybody knows", async () => {
    assert.deepEqual(await select("transfer(address to, uint amount)"), { kind: "function", canonicalSignature: "transfer(address,uint256)", selector: "0xa9059cbb" });
    assert.equal((await select("function balanceOf(address) view returns (uint256)")).selector, "0x70a08231");
    assert.equal((await select("error Error(string)")).selector, "0x08c379a0");
  });

  it("gives an event's whole topic", async () => {
    const transfer = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef";
    assert.equal((await select("event Transfer(address indexed from, address indexed to, uint256 value)")).selector, transfer);
    assert.equal((await select("Transfer(address,address,uint256)", "event")).selector, transfer);
    assert.equal((await select("Approval(address,address,uint256)", "event")).selector, "0x8c5be1e5ebec7d5bd14f71427d1e84f3dd0314c0f7b2291e5b200ac8c7c3b925");
  });

  it("says how to write a signature", async () => {
    await assert.rejects(select("transfer(address"), /Cannot read the function "transfer\(address".*Write it as in transfer\(address,uint256\)/);
  });
});
