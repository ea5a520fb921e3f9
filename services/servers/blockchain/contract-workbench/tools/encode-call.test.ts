import assert from "node:assert/strict";
import { callTool } from "../../../../kit/testing.ts";
import { encodeCall } from "./encode-call.ts";

const word = (hex: string): string => hex.padStart(64, "0");

describe("encode_call", () => {
  it("writes selector and words as the ABI specification's examples have them", async () => {
    const baz = await callTool(encodeCall, null, { function: "baz(uint32 x, bool y)", args: [69, true] });
    assert.deepEqual(baz, { data: `0xcdcd77c0${word("45")}${word("1")}`, selector: "0xcdcd77c0", signature: "baz(uint32,bool)", byteLength: 68 });
    const sam = await callTool(encodeCall, null, { function: "sam(bytes, bool, uint[])", args: ["0x64617665", true, ["1", "2", 3]] });
    assert.equal(sam.data, `0xa5643bf2${word("60")}${word("1")}${word("a0")}${word("4")}${"64617665".padEnd(64, "0")}${word("3")}${word("1")}${word("2")}${word("3")}`);
  });

  it("takes a name in an ABI, with a tuple by its names", async () => {
    const abi = [{ type: "function", name: "move", inputs: [{ name: "p", type: "tuple", components: [{ name: "x", type: "int8" }, { name: "y", type: "uint8" }] }] }];
    const byName = await callTool(encodeCall, null, { function: "move", abi, args: [{ y: 2, x: "-1" }] });
    assert.equal(byName.data.slice(10), "f".repeat(64) + word("2"));
    assert.equal(byName.signature, "move((int8,uint8))");
    await assert.rejects(callTool(encodeCall, null, { function: "move", abi, args: [{ x: 1, z: 2 }] }), /args\[0\]\.z: no such component; this tuple has x, y/);
    await assert.rejects(callTool(encodeCall, null, { function: "move", abi, args: [{ x: 1 }] }), /args\[0\]\.y: is missing/);
  });

  it("asks for a signature where a name is overloaded", async () => {
    const abi = ["uint256", "address"].map((type) => ({ type: "function", name: "f", inputs: [{ name: "a", type }] }));
    await assert.rejects(callTool(encodeCall, null, { function: "f", abi, args: ["1"] }), /overloaded.*f\(uint256\), f\(address\)/);
    assert.equal((await callTool(encodeCall, null, { function: "f(uint256)", abi, args: ["1"] })).signature, "f(uint256)");
  });
});
