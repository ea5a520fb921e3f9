import assert from "node:assert/strict";
import fc from "fast-check";
import type { Hex } from "viem";
import { compareRuntime, solcVersionIn } from "./bytecode-compare.ts";

const bytes = (hex: string): Hex => `0x${hex}`;
const metadata = (hash: string, version: string): string => `a2646970667358221220${hash.repeat(32)}64736f6c6343${version}0033`;

describe("comparison of bytecode", () => {
  it("calls the same bytes exact, and another metadata hash the same code", () => {
    const ours = bytes(`6001600255${metadata("aa", "000814")}`);
    assert.equal(compareRuntime(ours, ours, []).match, "exact");
    assert.equal(compareRuntime(ours, bytes(`6001600255${metadata("bb", "000814")}`), []).match, "ignoringMetadata");
    assert.equal(compareRuntime(ours, bytes("6001600255"), []).match, "ignoringMetadata");
    assert.equal(solcVersionIn(Buffer.from(ours.slice(2), "hex")), "0.8.20");
  });

  it("finds any changed byte of the code, and says where", () => {
    const size = 40;
    fc.assert(fc.property(fc.uint8Array({ minLength: size, maxLength: size }), fc.nat({ max: size - 1 }), fc.integer({ min: 1, max: 255 }), (code, at, flip) => {
      code[0] = 0x60;
      const changed = Uint8Array.from(code, (byte, i) => (i === at ? byte ^ flip : byte));
      const tail = metadata("cc", "000814");
      const result = compareRuntime(bytes(Buffer.from(code).toString("hex") + tail), bytes(Buffer.from(changed).toString("hex") + tail), []);
      assert.equal(result.match, "different");
      assert.deepEqual(result.differences.map(({ offset, length }) => ({ offset, length })), [{ offset: at, length: 1 }]);
    }));
  });

  it("leaves out immutables and gives their values", () => {
    const result = compareRuntime("0x60000000ff", "0x60aabb00ff", [{ start: 1, length: 2 }]);
    assert.deepEqual(result, { match: "exact", differences: [], immutables: [{ offset: 1, value: "0xaabb" }] });
    assert.equal(compareRuntime("0x60000000ff", "0x60aabbcc ff".replace(" ", "") as Hex, [{ start: 1, length: 2 }]).match, "different");
  });

  it("leaves out the metadata of contracts that the code creates, and a library's own address", () => {
    const nested = (hash: string): string => `5f5f${metadata(hash, "000814")}00${metadata("aa", "000814")}`;
    assert.equal(compareRuntime(bytes(nested("11")), bytes(nested("22")), []).match, "ignoringMetadata");
    assert.equal(compareRuntime(bytes(`73${"00".repeat(20)}3014`), bytes(`73${"ab".repeat(20)}3014`), []).match, "exact");
  });

  it("calls code of another length different", () => {
    assert.equal(compareRuntime("0x6001", "0x600160", []).match, "different");
  });
});
