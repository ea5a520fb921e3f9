import assert from "node:assert/strict";
import { keccak256 } from "viem/utils";
import { callTool } from "../../../../kit/testing.ts";
import { compiler, COUNTER, PRAGMA } from "../testing.ts";
import { encodeDeploy } from "./encode-deploy.ts";

describe("encode_deploy", function () {
  this.timeout(30_000);
  const deps = { compiler };
  const encode = (input: Record<string, unknown>) => callTool(encodeDeploy, deps, input);

  it("appends the constructor's arguments to the code", async () => {
    const abi = [{ type: "constructor", inputs: [{ name: "a", type: "uint256" }, { name: "b", type: "bool" }] }];
    for (const [a, b] of [["5", true], ["255", false]] as const) {
      const answer = await encode({ bytecode: "0x6080ff", abi, args: [a, b] });
      assert.equal(answer.data, `0x6080ff${BigInt(a).toString(16).padStart(64, "0")}${(b ? "1" : "0").padStart(64, "0")}`);
      assert.deepEqual([answer.byteLength, answer.exceedsSizeLimit, answer.initCodeHash], [67, false, keccak256(answer.data as `0x${string}`)]);
    }
  });

  it("compiles sources on the way", async () => {
    const answer = await encode({ sources: { "Counter.sol": COUNTER }, args: ["3"] });
    assert.ok(answer.data.endsWith("3".padStart(64, "0")));
    assert.ok(answer.byteLength > 300);
  });

  it("says what is missing", async () => {
    await assert.rejects(encode({}), /exactly one of sources and bytecode/);
    await assert.rejects(encode({ bytecode: "0x60", args: ["1"] }), /arguments want the ABI/);
    await assert.rejects(encode({ sources: { "Counter.sol": COUNTER } }), /wants 1 value\(s\) \(uint256 step_\), found 0/);
    await assert.rejects(encode({ sources: { "A.sol": `${PRAGMA}contract A {} contract B {}` } }), /Which contract\? .*A\.sol:A, A\.sol:B/);
    await assert.rejects(encode({ sources: { "A.sol": `${PRAGMA}interface I {}` }, contract: "I" }), /abstract or an interface/);
    await assert.rejects(encode({ sources: { "A.sol": "contract A { uint x = y; }" } }), /do not compile \(1 error\(s\)\): A\.sol:1:23: Undeclared identifier/);
  });
});
