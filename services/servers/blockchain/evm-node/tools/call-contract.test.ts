import assert from "node:assert/strict";
import { callTool } from "../../../../kit/testing.ts";
import { startTokenChain, type TokenChain } from "../testing.ts";
import { callContract } from "./call-contract.ts";

describe("call_contract", function () {
  this.timeout(30_000);
  let network: TokenChain;
  before(async () => { network = await startTokenChain(); });
  after(() => network?.stop());
  const call = (input: Record<string, unknown>) => callTool(callContract, network.deps, { to: network.token, ...input });

  it("encodes arguments and decodes several named results", async () => {
    for (const x of ["21", "340282366920938463463374607431768211456"]) {
      const answer = await call({ function: "pair(uint256 x) pure returns (uint256 twice, string text)", args: [x] });
      assert.deepEqual([answer.status, answer.function], ["returned", "pair(uint256)"]);
      assert.deepEqual(answer.outputs, [{ name: "twice", type: "uint256", value: (2n * BigInt(x)).toString() }, { name: "text", type: "string", value: "hi" }]);
    }
  });

  it("calls as the sender it is told, by a name in the ABI", async () => {
    for (const from of network.accounts.slice(1, 3)) {
      const answer = await call({ function: "whoAmI", abi: network.abi, from });
      assert.equal(String(answer.outputs[0]!.value).toLowerCase(), from.toLowerCase());
    }
  });

  it("reads each kind of revert", async () => {
    const reverts = [
      [{ function: "refuse()" }, "never"],
      [{ function: "overflow(uint8) returns (uint8)", args: [9] }, "Panic(17): arithmetic overflow or underflow"],
      [{ function: "transfer", abi: network.abi, from: network.accounts[7], args: [network.token, "5"] }, /^TooPoor\(0x14dC79964da2C08b23698B3D3cc7Ca32193d9955, 0, 5\)$/i],
    ] as const;
    for (const [input, reason] of reverts) {
      const answer = await call(input);
      assert.equal(answer.status, "reverted");
      if (typeof reason === "string") assert.equal(answer.revertReason, reason);
      else assert.match(answer.revertReason!, reason);
    }
    assert.equal((await call({ function: "overflow(uint8) returns (uint8)", args: [5] })).outputs[0]!.value, "255");
  });

  it("explains wrong arguments, an empty address and a wrong ABI", async () => {
    await assert.rejects(call({ function: "pair(uint256)", args: [] }), /args: wants 1 value\(s\) \(uint256\), found 0/);
    await assert.rejects(call({ function: "pair(uint256)", args: ["-1"] }), /args\[0\]: -1 is outside uint256/);
    await assert.rejects(call({ function: "nope", abi: network.abi }), /no function "nope"\. It has .*transfer\(address,uint256\)/);
    await assert.rejects(call({ to: network.accounts[0], function: "f() returns (uint256)" }), /no contract at .* in block 1/);
    await assert.rejects(call({ function: "refuse() returns (uint256)", block: 99 }), /no block 99/);
  });
});
