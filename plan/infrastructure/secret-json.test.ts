import assert from "node:assert/strict";
import { describe, it } from "mocha";
import fc from "fast-check";
import { secret, secretJson } from "./secret-json.ts";

const render = (document: unknown): unknown =>
  JSON.parse(secretJson(document).map((part) => (typeof part === "string" ? part : `<${JSON.stringify(Object.keys(part)).replaceAll('"', "")}>`)).join(""));

describe("JSON with secrets", () => {
  it("puts each secret where it stands in the document", () => {
    const hash = { rabbitmqHash: { identity: "access" } };
    const key = { key: "k" };
    const parts = secretJson({ a: secret(hash), b: [1, secret(key)] });
    assert.deepEqual(parts.filter((part) => typeof part !== "string"), [hash, key]);
    assert.deepEqual(render({ a: secret(hash), b: [1, secret(key)] }), { a: "<[rabbitmqHash]>", b: [1, "<[key]>"] });
  });

  it("is the document itself where there is no secret", () => {
    fc.assert(fc.property(fc.jsonValue({ noUnicodeString: true }), (document) => {
      assert.deepEqual(render(document), JSON.parse(JSON.stringify(document)));
    }));
  });
});
