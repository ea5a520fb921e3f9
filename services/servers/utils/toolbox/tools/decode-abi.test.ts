import assert from "node:assert/strict";
import { callTool } from "../../../../kit/testing.ts";
import { decodeAbi } from "./decode-abi.ts";

const word = (hex: string): string => hex.padStart(64, "0");
const decode = (types: string, data: string) => callTool(decodeAbi, null, { types, data });

describe("decode_abi", () => {
  it("reads integers of any size, tuples and arrays", async () => {
    const big = "f".repeat(64);
    const answer = await decode("uint256 a, int256 b, (address who, bool ok) c", `0x${big}${big}${word("d8da6bf26964af9d7eed9e03e53415d37aa96045")}${word("1")}`);
    assert.deepEqual(answer.values, [
      { name: "a", type: "uint256", value: (2n ** 256n - 1n).toString() },
      { name: "b", type: "int256", value: "-1" },
      { name: "c", type: "tuple", value: { who: "0xd8dA6BF26964aF9D7eEd9e03E53415D37aA96045", ok: true } },
    ]);
    assert.deepEqual((await decode("uint8[] xs", `0x${word("20")}${word("2")}${word("7")}${word("9")}`)).values[0]!.value, ["7", "9"]);
  });

  it("notices data that trail", async () => {
    assert.equal((await decode("bool a", `0x${word("1")}`)).canonical, true);
    assert.equal((await decode("bool a", `0x${word("1")}${word("2")}`)).canonical, false);
  });

  it("recognises calldata given whole, and data cut short", async () => {
    await assert.rejects(decode("bool a, bool b", `0x12345678${word("1")}`), /36 bytes\) does not decode.*leaves 4 bytes over/);
    await assert.rejects(decode("uint8[] xs", `0x${word("20")}${word("5")}${word("7")}`), /does not decode as \(uint8\[\] xs\)/);
  });
});
