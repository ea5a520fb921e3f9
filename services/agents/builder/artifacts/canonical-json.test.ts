import assert from "node:assert/strict";
import fc from "fast-check";
import { canonicalJson, contentHash } from "./canonical-json.ts";

describe("canonicalJson", () => {
  it("sorts keys at every depth and leaves out what is undefined", () => {
    assert.equal(canonicalJson({ b: [{ z: 1, a: "é" }], a: null, c: undefined, B: -0 }), '{"B":0,"a":null,"b":[{"a":"é","z":1}]}');
  });
  it("is the same for equal values in any order of keys, and reads back as the value", () => {
    fc.assert(fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const reversed = Object.fromEntries(Object.entries(value).reverse());
      assert.equal(canonicalJson(reversed), canonicalJson(value));
      assert.deepEqual(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value)));
    }));
  });
  it("refuses what JSON cannot say", () => {
    for (const value of [NaN, 1n, () => 1, [undefined]]) assert.throws(() => canonicalJson(value), TypeError);
  });
});

describe("contentHash", () => {
  it("is the SHA-256 of the text", () => {
    assert.equal(contentHash("{}"), "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
  });
});
