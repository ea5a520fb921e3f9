import assert from "node:assert/strict";
import { callTool } from "../../../../kit/testing.ts";
import { decodeCall } from "./decode-call.ts";

const word = (hex: string): string => hex.padStart(64, "0");
const TO = "0xd8da6bf26964af9d7eed9e03e53415d37aa96045";

describe("decode_call", () => {
  it("finds the function by its selector and reads the arguments", async () => {
    const abi = [
      { type: "function", name: "approve", inputs: [{ name: "spender", type: "address" }, { name: "amount", type: "uint256" }] },
      { type: "function", name: "transfer", inputs: [{ name: "to", type: "address" }, { name: "amount", type: "uint256" }] },
    ];
    for (const [selector, name, first] of [["0x095ea7b3", "approve", "spender"], ["0xa9059cbb", "transfer", "to"]] as const) {
      const answer = await callTool(decodeCall, null, { data: `${selector}${word(TO.slice(2))}${word("ff")}`, abi });
      assert.deepEqual(answer, {
        function: name, signature: `${name}(address,uint256)`, selector,
        args: [{ name: first, type: "address", value: "0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045" }, { name: "amount", type: "uint256", value: "255" }],
      });
    }
  });

  it("decodes by one declaration", async () => {
    const answer = await callTool(decodeCall, null, { data: `0xcdcd77c0${word("45")}${word("1")}`, function: "baz(uint32,bool)" });
    assert.deepEqual(answer.args.map(({ value }) => value), ["69", true]);
  });

  it("says what the selector is not, and when arguments are cut off", async () => {
    await assert.rejects(callTool(decodeCall, null, { data: "0x12345678", function: "baz(uint32,bool)" }), /selector 0x12345678 \(baz\(uint32,bool\) 0xcdcd77c0\).*proxy/);
    await assert.rejects(callTool(decodeCall, null, { data: `0xcdcd77c0${word("45")}`, function: "baz(uint32,bool)" }), /arguments do not decode/);
    await assert.rejects(callTool(decodeCall, null, { data: "0x12", function: "baz(uint32,bool)" }), /selector of 4 bytes; this has 1/);
  });
});
