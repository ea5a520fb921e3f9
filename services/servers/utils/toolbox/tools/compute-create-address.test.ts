import assert from "node:assert/strict";
import { callTool } from "../../../../kit/testing.ts";
import { computeCreateAddress } from "./compute-create-address.ts";

const compute = (input: Record<string, unknown>) => callTool(computeCreateAddress, null, input);
const zero = (bytes: number): string => `0x${"00".repeat(bytes)}`;

describe("compute_create_address", () => {
  it("knows where CREATE put contracts", async () => {
    const deployer = "0x6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0";
    const known = ["0xcd234A471b72ba2F1Ccf0A70FCABA648a5eeCD8d", "0x343c43A37D37dfF08AE8C4A11544c718AbB4fCF8", "0xf778B86FA74E846c4f0a1fBd1335FE81c00a0C91"];
    for (const [nonce, address] of known.entries()) assert.deepEqual(await compute({ deployer, nonce }), { address, opcode: "CREATE", initCodeHash: null });
  });

  it("agrees with the examples of EIP-1014", async () => {
    assert.equal((await compute({ deployer: zero(20), salt: zero(32), initCode: "0x00" })).address, "0x4D1A2e2bB4F88F0250f26Ffff098B0b30B26BF38");
    assert.equal((await compute({ deployer: "0xdeadbeef00000000000000000000000000000000", salt: zero(32), initCode: "0x00" })).address, "0xB928f69Bb1D91Cd65274e3c79d8986362984fDA3");
    const byCode = await compute({ deployer: "0x00000000000000000000000000000000deadbeef", salt: `0x${"00".repeat(28)}cafebabe`, initCode: "0xdeadbeef" });
    assert.equal(byCode.address, "0x60f3f640a8508fC6a86d45DF051962668E1e8AC7");
    assert.deepEqual(await compute({ deployer: "0x00000000000000000000000000000000deadbeef", salt: `0x${"00".repeat(28)}cafebabe`, initCodeHash: byCode.initCodeHash }), byCode);
  });

  it("wants one rule's inputs", async () => {
    await assert.rejects(compute({ deployer: zero(20) }), /Give nonce for CREATE, or salt/);
    await assert.rejects(compute({ deployer: zero(20), nonce: 1, salt: zero(32) }), /one group only/);
    await assert.rejects(compute({ deployer: zero(20), initCode: "0x00" }), /wants a salt of 32 bytes/);
  });
});
