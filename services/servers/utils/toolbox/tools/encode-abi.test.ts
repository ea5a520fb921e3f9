import assert from "node:assert/strict";
import fc from "fast-check";
import { callTool } from "../../../../kit/testing.ts";
import { decodeAbi } from "./decode-abi.ts";
import { encodeAbi } from "./encode-abi.ts";

const word = (hex: string): string => hex.padStart(64, "0");
const encode = (types: string, values: unknown[], packed = false) => callTool(encodeAbi, null, { types, values, packed });

describe("encode_abi", () => {
  it("encodes the ABI specification's example of dynamic types", async () => {
    const { data, byteLength } = await encode("uint256, uint32[], bytes10, bytes", ["0x123", ["0x456", "0x789"], "0x31323334353637383930", "0x48656c6c6f2c20776f726c6421"]);
    assert.equal(data, `0x${word("123")}${word("80")}${"31323334353637383930".padEnd(64, "0")}${word("e0")}${word("2")}${word("456")}${word("789")}${word("d")}${"48656c6c6f2c20776f726c6421".padEnd(64, "0")}`);
    assert.equal(byteLength, 9 * 32);
  });

  it("packs without padding", async () => {
    assert.equal((await encode("int16, bytes1, uint16, string", [-1, "0x42", 3, "Hello, world!"], true)).data, "0xffff42000348656c6c6f2c20776f726c6421");
    await assert.rejects(encode("(uint256 a, bool b) t", [[1, true]], true), /knows no tuples/);
  });

  it("is undone by decode_abi for any values", async () => {
    const int = fc.bigInt({ min: -(2n ** 127n), max: 2n ** 127n - 1n }).map(String);
    const values = fc.tuple(fc.array(int, { maxLength: 4 }), fc.boolean(), fc.string({ unit: "grapheme", maxLength: 20 }), fc.record({ x: fc.nat({ max: 255 }).map(String), y: fc.uint8Array({ maxLength: 40 }).map((bytes) => `0x${Buffer.from(bytes).toString("hex")}`) }, { noNullPrototype: true }));
    const types = "int128[] a, bool b, string s, (uint8 x, bytes y) t";
    await fc.assert(fc.asyncProperty(values, async (given) => {
      const { data } = await encode(types, given);
      const decoded = await callTool(decodeAbi, null, { types, data });
      assert.deepEqual(decoded.values.map(({ value }) => value), given);
      assert.equal(decoded.canonical, true);
    }), { numRuns: 50 });
  });

  it("names the value that does not fit", async () => {
    await assert.rejects(encode("uint8[2] xs", [[1, 256]]), /values\[0\]\[1\]: 256 is outside uint8 \(0 to 255\)/);
    await assert.rejects(encode("uint256 x", [2 ** 60]), /values\[0\] \(uint256\): give an integer as a decimal or 0x string/);
    await assert.rejects(encode("address a", ["0xd8dA6BF26964aF9D7eEd9e03E53415D37aA9604"]), /values\[0\] \(address\)/);
    await assert.rejects(encode("bytes4 a", ["0x1234"]), /wants exactly 4 bytes, found 2/);
    await assert.rejects(encode("uint257 x", [1]), /Cannot read the types "uint257 x"/);
  });
});
